"""A program and all that it started: the process group that it leads."""

import contextlib
import os


def signal_group(leader: int, number: int) -> None:
    """Send a signal to the whole group; to one that is gone, or is nobody's any more, nothing."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)

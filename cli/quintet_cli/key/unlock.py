"""`ai key unlock`: open everything for a while."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from quintet.errors import UsageError
from quintet_cli.duration import seconds_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_LONGEST_S = 30 * 86400


@verb(
    does=Does.CHANGES,
    results={"key.unlock/1": {"until": datetime, "changed": bool}},
    examples=("ai key unlock --for 8h", "ai key unlock --for 30m"),
)
def unlock(
    session: Session,
    for_: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long: 30m, 8h, 2d.")
    ] = "8h",
) -> None:
    """Open everything for a while, so that no command asks again; `ai key lock` ends it.

    The key stays in the kernel's memory, or in a private file on a file system that is memory. It
    is never written to a disk. Your own other processes can use it as long as it is there.
    """
    duration_s = _seconds(for_)
    until = session.app.clock.now() + timedelta(seconds=duration_s)
    body = {"until": until, "changed": not session.flags.dry_run}
    shown = f"unlocked until {until.astimezone():%a %H:%M}"
    if session.flags.dry_run:
        session.show("key.unlock/1", body, f"would be {shown}; nothing was changed")
        return
    keyset = session.app.keys
    keyset.opened(None)
    with session.app.record.action("key", "unlock", f"unlock for {for_}"):
        keyset.unlock(duration_s)
    session.show("key.unlock/1", body, shown)


def _seconds(text: str) -> int:
    duration_s = seconds_of(text)
    if not 1 <= duration_s <= _LONGEST_S:
        raise UsageError(f"--for {text} is out of range", why="from 1s to 30d")
    return int(duration_s)

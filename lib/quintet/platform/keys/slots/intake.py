"""Reading a secret from a descriptor that may never end, or never answer."""

import os
import select
import time

from quintet.platform.keys.failures import SlotUnavailable

LIMIT_BYTES = 64 << 10


def read_within(fd: int, origin: str, timeout_s: float) -> bytes:
    """All that comes before the stream ends, within the time and size that are allowed."""
    deadline_s = time.monotonic() + timeout_s
    # Not select: that one refuses the high descriptors of a busy server.
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    data = bytearray()
    while len(data) <= LIMIT_BYTES:
        left_s = max(0.0, deadline_s - time.monotonic())
        if not waiting.poll(left_s * 1e3):
            raise SlotUnavailable(
                f"no key from {origin}", why=f"it did not answer within {timeout_s:g} s"
            )
        chunk = os.read(fd, LIMIT_BYTES)
        if not chunk:
            return bytes(data)
        data += chunk
    raise SlotUnavailable(f"no key from {origin}", why=f"it holds more than {LIMIT_BYTES:,} bytes")

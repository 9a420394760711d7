"""Any clip that ffmpeg can read, decoded small by a child process that never outlives its reader.

The child may open the one file and nothing else: the protocols are named, so that a playlist
disguised as a clip cannot reach the network.
"""

import contextlib
import importlib
import io
import os
import select
import shutil
import signal
import subprocess
import threading
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any

from quintet.engines.video.adapters.y4m import Y4mSource
from quintet.engines.video.frames import ClipUnreadable, FrameSource
from quintet.platform.trace import conventions
from quintet.platform.trace.span import begin

_STALL_S = 60.0
_COMPLAINT_BYTES = 4096
_COMMON = ("-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe")
_DECODED = (
    *("-map", "0:v:0", "-vf", "scale=w='min(320,iw)':h=-2", "-pix_fmt", "yuv420p"),
    *("-f", "yuv4mpegpipe", "pipe:1"),
)


class ClipStalled(ClipUnreadable):
    """The decoder has stopped saying anything."""

    code = "video.stalled"


def find_ffmpeg() -> Path | None:
    """The program on PATH, else the one that the `video` extra brings, else nothing."""
    on_path = shutil.which("ffmpeg")
    if on_path is not None:
        return Path(on_path)
    try:
        wheel: Any = importlib.import_module("imageio_ffmpeg")
        return Path(wheel.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


@contextlib.contextmanager
def decoded(program: Path, clip: Path, *, stall_s: float = _STALL_S) -> Generator[FrameSource]:
    """The clip's first video track; the child is gone when the block is left, however that is."""
    url = b"file:" + os.fsencode(clip.absolute())
    span = begin(conventions.subprocess(program.name))
    child = subprocess.Popen(
        [os.fsencode(program), *_COMMON, "-i", url, *_DECODED],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )
    assert child.stdout is not None and child.stderr is not None
    complaint = _Complaint(child.stderr)
    try:
        stream = io.BufferedReader(_PatientPipe(child.stdout, stall_s), 1 << 20)
        try:
            source = Y4mSource(stream)
        except ClipUnreadable as error:
            if isinstance(error, ClipStalled):
                raise
            raise ClipUnreadable(
                f"ffmpeg cannot read {clip}", why=complaint.last_line() or error.what
            ) from error
        yield source
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        complaint.close()
        span.set(conventions.PID, child.pid)
        span.end()


class _PatientPipe(io.RawIOBase):
    """A pipe that gives up when nothing has come for a while."""

    def __init__(self, pipe: IO[bytes], stall_s: float) -> None:
        self._fd = pipe.fileno()
        self._stall_s = stall_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not select.select([self._fd], [], [], self._stall_s)[0]:
            raise ClipStalled(f"the decoder has said nothing for {self._stall_s:.0f} s")
        return os.readv(self._fd, [buffer])


class _Complaint:
    """The end of what the child says on stderr, drained so that it never blocks on it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._tail = b""
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        while chunk := self._pipe.read(_COMPLAINT_BYTES):
            self._tail = (self._tail + chunk)[-_COMPLAINT_BYTES:]

    def last_line(self) -> str:
        self._thread.join(timeout=1.0)
        lines = self._tail.decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        self._thread.join(timeout=1.0)
        self._pipe.close()

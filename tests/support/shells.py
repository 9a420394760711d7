"""Interactive shells on a pseudo-terminal, driven by the keys that a person presses."""

import os
import pty
import re
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_CONTROLS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07|\x08")
_PATIENCE_S = 10.0


class Shell:
    """One interactive shell; `words_after_tab` shows what TAB makes of a line."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], command, {**env, "TERM": "dumb"})
        self._seen = b""

    def __enter__(self) -> "Shell":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._fd)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def run(self, line: str) -> str:
        """The terminal while a whole line is typed and carried out."""
        self._press(f" {line}; printf 'end%s\\n' -of-output\r")
        return self._read_until("end-of-output\r\n")

    def words_after_tab(self, line: str) -> list[str]:
        """The words of the line as the shell understands them after TAB completed it."""
        # The words go to printf, so that what is seen is what the shell would run.
        home, end = "\x01", "\x05"
        show, stop = "printf '<%s>' start-of-words ", "; printf 'end%s\\n' -of-words\r"
        self._press(f"{line}\t{home}{show}{end}{stop}")
        shown = self._read_until("end-of-words\r\n")
        _, _, words = shown.rpartition("<start-of-words>")
        return re.findall(r"<([^>]*)>", words)

    def _read_until(self, end: str) -> str:
        deadline_s = time.monotonic() + _PATIENCE_S
        while end not in self._text():
            assert time.monotonic() < deadline_s, f"the shell printed only {self._text()!r}"
            self._read(0.2)
        shown, _, rest = self._text().partition(end)
        self._seen = rest.encode()
        return shown

    def _text(self) -> str:
        return _CONTROLS.sub(b"", self._seen).decode("utf-8", "replace")

    def _read(self, timeout_s: float) -> bool:
        if not select.select([self._fd], [], [], timeout_s)[0]:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self._seen += data
        return bool(data)

"""Reading a settings file that may be anything: missing, huge, a pipe, not text, not TOML."""

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from quintet.errors import QuintetError
from quintet.platform.files import explained

LIMIT_BYTES = 1 << 20
_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")
BOM = b"\xef\xbb\xbf"


class ConfigBroken(QuintetError):
    """A settings file cannot be read as TOML."""

    code = "config.broken"


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file as it was read once: what is parsed, digested and cited is the same bytes."""

    path: Path
    raw: bytes

    def text(self) -> str:
        try:
            return self.raw.removeprefix(BOM).decode()
        except UnicodeDecodeError as error:
            line = self.raw.count(b"\n", 0, error.start) + 1
            raise self._broken(line, 0, "it is not UTF-8 text") from error

    def data(self, parse_float: Callable[[str], Any] = Decimal) -> dict[str, Any]:
        """The parsed content; decimals keep amounts of money exact."""
        import tomllib

        try:
            return tomllib.loads(self.text(), parse_float=parse_float)
        except RecursionError as error:
            raise self._broken(0, 0, "its brackets are nested too deeply") from error
        except ValueError as error:
            found = _POSITION.search(str(error))
            line, column = (int(found[1]), int(found[2])) if found else (0, 0)
            reason = _POSITION.sub("", str(error)).strip() or "not TOML"
            raise self._broken(line, column, reason) from error

    def _broken(self, line: int, column: int, reason: str) -> ConfigBroken:
        place = "".join(f":{number}" for number in (line, column) if number)
        return ConfigBroken(
            f"cannot read the settings in {self.path}{place}",
            why=reason[:1].lower() + reason[1:],
            hint="ai config edit",
            details={"file": str(self.path), "line": line, "column": column},
        )


def read_toml(path: Path) -> TomlFile | None:
    """The file, or None where there is none."""
    with explained("read", path):
        try:
            # Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            _require_file(path, fd)
            with os.fdopen(fd, "rb", closefd=False) as stream:
                raw = stream.read(LIMIT_BYTES + 1)
        finally:
            os.close(fd)
    if len(raw) > LIMIT_BYTES:
        raise ConfigBroken(
            f"cannot read the settings in {path}",
            why=f"it is larger than {LIMIT_BYTES:,} bytes",
            hint="ai config path",
        )
    return TomlFile(path, raw)


def _require_file(path: Path, fd: int) -> None:
    kind = os.fstat(fd).st_mode
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "a device, a pipe or a socket"
        raise ConfigBroken(
            f"cannot read the settings in {path}", why=f"it is {what}", hint="ai config path"
        )

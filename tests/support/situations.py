"""Circumstances that a command may be run in, each as unfriendly as real ones get."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.harmless import Line, with_flags
from support.process import Ended, Streams, Words, environment, run_ai
from support.zygote import CAPTURED, CLOSED


def _nothing(_home: Path) -> None: ...


@dataclass(frozen=True)
class Situation:
    """What differs from a friendly machine. A variable of None is unset, `{home}` is filled in."""

    name: str
    env: dict[str, str | None] = field(default_factory=dict[str, str | None])
    streams: Streams = ("/dev/null", CAPTURED, CAPTURED)
    prefix: Callable[[], tuple[str, ...]] = tuple
    prepare: Callable[[Path], None] = _nothing
    cwd: bytes = b""
    more_words: Words = ()
    flags: Line = ()

    def run(self, words: Line, home: Path) -> Ended:
        """Run a command line in this situation, with this folder as the user's home."""
        home.mkdir(exist_ok=True)
        self.prepare(home)
        if self.prefix is ordinary_user:
            _give_away(home)
        env = environment(home)
        for name, value in self.env.items():
            env.pop(name, None)
            if value is not None:
                env[name] = value.format(home=home)
        cwd = home.parent / os.fsdecode(self.cwd)
        cwd.mkdir(exist_ok=True)
        return run_ai(
            [*with_flags(words, *self.flags), *self.more_words],
            env,
            cwd=cwd,
            streams=self.streams,
            prefix=self.prefix(),
        )


NOBODY = 65534


@cache
def ordinary_user() -> tuple[str, ...]:
    """A prefix that takes root's powers away; nothing where the tests run as somebody else."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    # The interpreter may lie where only root can read it; then root stays, but without its powers.
    powerless = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")
    same = f"import sys, typer, duckdb; sys.exit(sys.version != {sys.version!r})"
    probe = subprocess.run([*nobody, sys.executable, "-c", same], capture_output=True, check=False)
    return nobody if probe.returncode == 0 else powerless


def _give_away(home: Path) -> None:
    """Make everything the user's that `ordinary_user` runs as."""
    if any("reuid" in word for word in ordinary_user()):
        for place in (home, *home.rglob("*")):
            os.chown(place, NOBODY, NOBODY)


def _read_only(home: Path) -> None:
    home.chmod(0o555)


def _is_a_file(home: Path) -> None:
    home.rmdir()
    home.write_text("not a folder")


def _in_use(home: Path) -> None:
    """A home that was used before; every folder and file of it may now only be read."""
    run_ai(["doctor"], environment(home), cwd=home.parent).require_grammar()
    for place in (home, *home.rglob("*")):
        place.chmod(0o555 if place.is_dir() else 0o444)


_NO_LOCALE: dict[str, str | None] = {
    "LANG": None,
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
}

SITUATIONS = [
    Situation("no home", {"HOME": None}),
    Situation("a home that is not absolute", {"HOME": "somewhere"}),
    Situation("a home that is a file", prepare=_is_a_file, prefix=ordinary_user),
    Situation("a home that nobody made", {"HOME": "{home}/a/b"}),
    Situation("a read-only home", prepare=_read_only, prefix=ordinary_user),
    Situation("a used home that became read-only", prepare=_in_use, prefix=ordinary_user),
    Situation("AI_HOME that is relative", {"AI_HOME": "elsewhere"}),
    Situation("a temporary folder that does not exist", {"TMPDIR": "/nonexistent"}),
    Situation("no environment", dict.fromkeys(("HOME", "PATH", "LANG", "TZ"))),
    Situation("no locale", _NO_LOCALE),
    Situation("a locale that nobody knows", {"LC_ALL": "xx_YY.KOI8-Q", "LANG": "nonsense"}),
    Situation("bytes that are not UTF-8 in an argument", more_words=(b"\xff\xfe\xc3",)),
    Situation("the same without a locale", _NO_LOCALE, more_words=(b"\xff\xfe\xc3",)),
    Situation("a folder whose name is not UTF-8", cwd=b"\xff\xfe\xc3"),
    Situation("a settings file that is not there", flags=("--config", "/nonexistent.toml")),
    Situation("no stdin", streams=(CLOSED, CAPTURED, CAPTURED)),
    Situation("no stderr", streams=("/dev/null", CAPTURED, CLOSED)),
    Situation("no stream at all", streams=(CLOSED, CLOSED, CLOSED)),
    Situation("an ordinary user", prefix=ordinary_user),
]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of this size, mounted at a place; only root can make one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> None:
    """Use up what is left of a disk."""
    with (place / "filler").open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(1 << 16))
        except OSError:
            pass

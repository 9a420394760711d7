"""Reads places out of printed tracebacks, for runs that could not be watched from inside."""

import re
from pathlib import PurePath

from quintet.engines.code.suite import Ending, Place, RanTest

# Python's own form, pytest's short form, and what other compilers and runners print.
_PYTHON = re.compile(r'File "([^"\n]{1,500})", line ([0-9]{1,9})')
_COLON = re.compile(r"^\s*([^\s:\"'][^:\n\"']{0,300}\.\w{1,5}):([0-9]{1,9})(?::|\b)", re.MULTILINE)


def places_in(text: str, root: PurePath) -> tuple[Place, ...]:
    """Places of the project that a text mentions, in its order; foreign files are left out."""
    mentions = [
        (match.start(), match[1], int(match[2]))
        for pattern in (_PYTHON, _COLON)
        for match in pattern.finditer(text)
    ]
    named = ((_below(root, name), line) for _, name, line in sorted(mentions))
    return tuple(dict.fromkeys(Place(file, line) for file, line in named if file))


def as_failure(output: str, root: PurePath) -> RanTest:
    """A whole run as one failing test, when its output is all there is."""
    return RanTest("the command", Ending.FAILED, frames=places_in(output, root))


def _below(root: PurePath, name: str) -> str:
    path = PurePath(name)
    if path.is_absolute():
        if not path.is_relative_to(root):
            return ""
        path = path.relative_to(root)
    foreign = any(p.startswith(".") or p in ("site-packages", "venv") for p in path.parts)
    return "" if foreign else path.as_posix()

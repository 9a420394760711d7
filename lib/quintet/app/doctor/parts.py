"""Checks of the parts: heavy extras and outside programs, each tried where it cannot hurt us."""

import shutil
import subprocess
import sys
from collections.abc import Iterator

from quintet.app.doctor.finding import Finding, State
from quintet.platform.extras import EXTRAS, Extra

_IMPORT_TIMEOUT_S = 60.0
_PROGRAMS = {
    "ffmpeg": ("ai video reads every format", "ai setup video"),
    "bwrap": ("a second wall around proven and untrusted commands", "apt install bubblewrap"),
    "git": ("ai code works on repositories", "apt install git"),
}


def check_extras() -> Iterator[Finding]:
    """Every extra, imported in a child: a library built for another processor kills its process."""
    for extra in EXTRAS.values():
        if not extra.is_installed:
            hint = f"ai setup {extra.name}   ({extra.size})"
            yield Finding(
                f"part {extra.name}", State.LACKING, f"not installed: {extra.purpose}", hint
            )
        else:
            yield _imported(extra)


def _imported(extra: Extra) -> Finding:
    name = f"part {extra.name}"
    try:
        child = subprocess.run(
            [sys.executable, "-c", f"import {extra.module}"],
            capture_output=True,
            timeout=_IMPORT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(name, State.BROKEN, "its import hangs", f"ai setup {extra.name}")
    if child.returncode < 0:
        what = (
            f"its import dies with signal {-child.returncode}; was it built for another processor?"
        )
        return Finding(name, State.BROKEN, what, "ai setup native")
    if child.returncode:
        lines = child.stderr.decode("utf-8", "replace").strip().splitlines()
        return Finding(name, State.BROKEN, lines[-1] if lines else "its import fails")
    return Finding(name, State.GOOD, extra.purpose)


def check_programs() -> Iterator[Finding]:
    """Programs of others that make a group better when they are there."""
    for program, (use, hint) in _PROGRAMS.items():
        place = shutil.which(program)
        if place:
            yield Finding(program, State.GOOD, place)
        else:
            yield Finding(program, State.LACKING, f"not found: {use}", hint)

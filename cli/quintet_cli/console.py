"""The terminal: data on stdout, everything else on stderr, colour only where it is wanted."""

import contextlib
import json
import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from quintet.errors import QuintetError
from quintet.platform.policy.plain import plain_text
from quintet_cli.jsonable import is_object, jsonable

_WIDTH, _NARROWEST = 80, 20
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


# Failures and bugs alike; `hint` is what to do.
ERROR_SHAPE = {
    "error": {
        "kind": str,
        "code": str,
        "what": str,
        "why": str,
        "hint?": str,
        "details?": dict[str, Any],
    }
}


class OutputLost(QuintetError):
    """The result could not be written to stdout."""

    code = "output.lost"


class ReaderGone(Exception):
    """Whoever read stdout went away, as in `ai log | head -1`."""


def wants_colour(env: Mapping[str, str], stream: TextIO) -> bool:
    """NO_COLOR, then CLICOLOR_FORCE or FORCE_COLOR, then whether a capable terminal is there."""
    if env.get("NO_COLOR"):
        return False
    if env.get("CLICOLOR_FORCE", "0") != "0" or env.get("FORCE_COLOR"):
        return True
    return stream.isatty() and env.get("TERM") != "dumb"


@dataclass(slots=True)
class Console:
    """Where a verb's result goes. `json`, `quiet` and `verbose` are the common flags."""

    out: TextIO
    err: TextIO
    env: Mapping[str, str]
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    _has_passing: bool = field(default=False, init=False)

    @property
    def is_terminal(self) -> bool:
        return self.out.isatty()

    @property
    def width(self) -> int:
        columns = self.env.get("COLUMNS", "")
        if columns.isdigit() and int(columns) > 0:
            return int(columns)
        try:
            columns_here = os.get_terminal_size(self.out.fileno()).columns
        except (OSError, ValueError):
            return _WIDTH
        # A pseudo-terminal that nobody has sized says 0; narrower than this no table can be read.
        return max(columns_here, _NARROWEST) if columns_here else _WIDTH

    def show(self, schema: str, value: Any, human: str) -> None:
        """A verb's one result: a versioned JSON object for scripts, or text for a person."""
        if self.json:
            body = jsonable(value)
            self.emit({"schema": f"ai.{schema}", **(body if is_object(body) else {"items": body})})
        elif human:
            self.line(human)

    def emit(self, value: Mapping[str, Any]) -> None:
        """One JSON object on one line of stdout."""
        self.line(json.dumps(jsonable(value), ensure_ascii=False))

    def line(self, text: str) -> None:
        """Text for stdout; styles that were put in with `style` are kept."""
        self._clear_passing()
        with _delivering():
            self.out.write(text + "\n")

    def passing(self, text: str) -> None:
        """A line on stderr that stands until anything else is written; only for a terminal."""
        with contextlib.suppress(OSError):
            self.err.write(f"\r\x1b[K{plain_text(text)[: max(self.width - 1, 0)]}\r")
            self.err.flush()
            self._has_passing = True

    def note(self, text: str) -> None:
        """What a person wants to know and a script does not: on stderr, unless quiet."""
        if not self.quiet:
            self._tell(text)

    def detail(self, text: str) -> None:
        """What is worth saying only with --verbose."""
        if self.verbose:
            self.note(text)

    def style(self, text: str, *styles: str, stream: TextIO | None = None) -> str:
        """Foreign text made safe, and styled where colour is wanted."""
        clean = plain_text(text, multiline=True)
        if not wants_colour(self.env, stream or self.out):
            return clean
        codes = ";".join(_STYLES[style] for style in styles)
        return f"\x1b[{codes}m{clean}\x1b[0m"

    def failure(self, error: QuintetError) -> None:
        """The error form: what happened, why, what to do, and a code to search for."""
        if self.json:
            self.emit({"schema": "ai.error/1", "error": _error_body(error)})
            return
        rows = [(self.style("error:", "red", "bold", stream=self.err), error.what)]
        rows += [("  why:", error.why)] if error.why else []
        rows += [("   do:", error.hint)] if error.hint else []
        rows += [("   id:", error.code)]
        self._tell("\n".join(f"{lead} {plain_text(text)}" for lead, text in rows))

    def bug(self, error: Exception, bug_id: str, place: Path | None) -> None:
        """A failure that is ours to mend."""
        what = f"this is a fault in ai, not in what you did ({type(error).__name__})"
        why = f"the trace is in {place}" if place else "its trace could not be written anywhere"
        if self.json:
            body = {"kind": "bug", "code": f"bug.{bug_id}", "what": what, "why": why}
            self.emit({"schema": "ai.error/1", "error": body})
            return
        lead = self.style("bug:", "red", "bold", stream=self.err)
        rows = [
            f"{lead} {what}",
            f"  why: {plain_text(why)}",
            "   do: ai doctor --bundle report.zip",
        ]
        self._tell("\n".join([*rows, f"   id: {bug_id}"]))

    def flush(self) -> None:
        """Deliver the result; only now is it known whether it arrived."""
        self._clear_passing()
        with _delivering():
            self.out.flush()

    def _clear_passing(self) -> None:
        if self._has_passing:
            self._has_passing = False
            with contextlib.suppress(OSError):
                self.err.write("\x1b[K")
                self.err.flush()

    def _tell(self, text: str) -> None:
        self._clear_passing()
        # Where stderr is gone too there is nobody left to tell.
        with contextlib.suppress(OSError):
            self.err.write(text + "\n")
            self.err.flush()


@contextlib.contextmanager
def _delivering() -> Generator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputLost("the result could not be written to stdout", why=why) from error


def _error_body(error: QuintetError) -> dict[str, Any]:
    return {
        "kind": error.kind,
        "code": error.code,
        "what": error.what,
        "why": error.why,
        "hint": error.hint,
        "details": error.details,
    }


def table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as an aligned table on a terminal, and as tab-separated values everywhere else."""
    cells = [[plain_text(" ".join(str(cell).split())) for cell in row] for row in rows]
    if not console.is_terminal:
        return "\n".join("\t".join(row) for row in cells)
    from quintet_cli.tables import aligned

    colour = wants_colour(console.env, console.out)
    return aligned(columns, cells, width=console.width, colour=colour)

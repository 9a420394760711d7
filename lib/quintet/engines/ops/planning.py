"""Turns an event and a workflow into a plan: every change in its literal form, none done yet."""

import csv
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from quintet.engines.ops.event import Event
from quintet.engines.ops.template import FieldUnfit, Template
from quintet.engines.ops.values import Value
from quintet.engines.ops.workflow import (
    Action,
    Append,
    Approve,
    Move,
    Note,
    Step,
    Workflow,
    Write,
)
from quintet.errors import QuintetError
from quintet.platform.files import FileFailure, explained, read_bytes
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.effects.changes import FileChanges
from quintet.platform.record.event import Effect, Reversal

_FILE_LIMIT_BYTES = 64 << 20
_NAME_LIMIT_BYTES = 255
# A spreadsheet takes a cell that begins so for a formula and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class StepImpossible(QuintetError):
    """A step cannot be taken for this event; nothing was done."""

    code = "ops.step_impossible"


@dataclass(slots=True)
class Planner:
    """Plans within one folder: no step reaches outside it, whatever the event says."""

    root: Path
    changes: FileChanges
    keep_content: Callable[[bytes], str]
    _contents: dict[Path, bytes] = field(default_factory=dict[Path, bytes], init=False)
    _moves: dict[Path, Path] = field(default_factory=dict[Path, Path], init=False)
    _reasons: list[str] = field(default_factory=list[str], init=False)
    _asks: bool = field(default=False, init=False)

    def plan(self, workflow: Workflow, event: Event, receipt: Effect) -> Plan:
        """All steps at once; the receipt comes last, so that it stands only when all else does."""
        for step in workflow.steps:
            self._take(step, event.fields)
        effects = (*self._effects(), receipt)
        is_final = any(effect.reversal is not Reversal.REVERSIBLE for effect in effects)
        return Plan(
            group="ops",
            verb="trigger",
            summary=f"{workflow.name} for {event.type} {event.id}",
            effects=effects,
            reasons=tuple(self._reasons),
            risk=Risk.MODERATE if self._asks or is_final else Risk.MILD,
        )

    def _take(self, step: Step, fields: Mapping[str, Value]) -> None:
        since = f", since {step.when.text}" if step.when else ""
        if step.when is not None and not step.when.holds(fields):
            self._reasons.append(f"{step.id} is left out: not {step.when.text}")
            return
        try:
            with explained("look at the files of", step.id):
                told = self._do(step.action, fields)
        except (ValueError, FileFailure) as error:
            raise StepImpossible(
                f"step {step.id} cannot be taken, so none was", why=str(error)
            ) from error
        self._reasons.append(f"{step.id}{since}: {told}")

    def _do(self, action: Action, fields: Mapping[str, Value]) -> str:
        match action:
            case Approve():
                self._asks = True
                return action.text.render(fields)
            case Note():
                return action.text.render(fields)
            case Move():
                return self._move(
                    self._path(action.source, fields), self._path(action.target, fields)
                )
            case Write():
                return self._write(action, fields)
            case Append():
                return self._append(action, fields)

    def _move(self, source: Path, target: Path) -> str:
        if source in self._contents or target in self._contents:
            raise FieldUnfit("a file that this workflow writes cannot be moved by it as well")
        if not source.is_file():
            raise FieldUnfit(f"there is no file {self._shown(source)}")
        if target.exists() or target in self._moves.values():
            raise FieldUnfit(f"{self._shown(target)} is there already")
        self._moves[source] = target
        return f"{self._shown(source)} goes to {self._shown(target)}"

    def _write(self, action: Write, fields: Mapping[str, Value]) -> str:
        path = self._path(action.path, fields)
        data = action.text.render(fields).encode()
        if not action.replaces and self._present(path) not in (None, data):
            raise FieldUnfit(f"{self._shown(path)} is there already, and 'replace' is not set")
        self._contents[path] = data
        return f"{self._shown(path)} gets {len(data):,} bytes"

    def _append(self, action: Append, fields: Mapping[str, Value]) -> str:
        path = self._path(action.path, fields)
        before = self._present(path) or b""
        separator = b"" if not before or before.endswith(b"\n") else b"\n"
        if action.text is not None:
            added = action.text.render(fields).rstrip("\n").encode() + b"\n"
        else:
            added = _row([cell.render(fields) for cell in action.row])
            if action.header and not before:
                added = _row(action.header) + added
        self._contents[path] = before + separator + added
        return f"{self._shown(path)} gets {added.decode().strip()!r} at its end"

    def _present(self, path: Path) -> bytes | None:
        """The content as the steps before this one leave it."""
        if path in self._moves or path in self._moves.values():
            raise FieldUnfit("a file that this workflow moves cannot be written by it as well")
        if path in self._contents:
            return self._contents[path]
        return read_bytes(path, _FILE_LIMIT_BYTES) if path.exists() else None

    def _path(self, template: Template, fields: Mapping[str, Value]) -> Path:
        """The path below the root, links resolved: a link must not lead out either."""
        path = (self.root / template.render_path(fields)).resolve()
        if path == self.root or not path.is_relative_to(self.root):
            raise FieldUnfit(f"{str(path)!r} is not inside {self.root}")
        # A folder that is still missing would hide this until the run is under way.
        if any(len(os.fsencode(part)) > _NAME_LIMIT_BYTES for part in path.parts):
            raise FieldUnfit(f"{path.name[:60]}… is too long for a name")
        return path

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _effects(self) -> list[Effect]:
        """Moves, then contents; a folder that several of them need is made once."""
        found: list[Effect] = []
        for source, target in self._moves.items():
            found += self.changes.moving(source, target)
        for path, data in self._contents.items():
            self.keep_content(data)
            found += self.changes.writing(path, data)
        return list({(effect.kind, effect.target): effect for effect in found}.values())


def _row(cells: tuple[str, ...] | list[str]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow([_harmless(cell) for cell in cells])
    return stream.getvalue().encode()


def _harmless(cell: str) -> str:
    is_number = cell.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) and not is_number else cell

"""Reads a workflow file, and says of everything that is wrong with it where it stands."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

from quintet.engines.ops.condition import Condition, ConditionInvalid, parse_condition
from quintet.engines.ops.template import Template, TemplateInvalid, parse_template
from quintet.engines.ops.values import ValueKind
from quintet.engines.ops.workflow import (
    Action,
    Append,
    Approve,
    Field,
    Move,
    Note,
    Step,
    Workflow,
    Write,
)
from quintet.errors import QuintetError
from quintet.platform.config.lines import key_lines, line_of
from quintet.platform.config.toml_file import ConfigBroken, TomlFile
from quintet.platform.crypto import digest_hex

FORMAT = 1
BUILT_IN = {"event.id": ValueKind.TEXT, "event.type": ValueKind.TEXT}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")
_FIELD_NAME = re.compile(r"[a-z_][a-z0-9_]{0,60}")
_RESERVED = {"and", "or", "not", "in", "has", "true", "false"}
_STEPS_LIMIT = 100
_Parsed = TypeVar("_Parsed")


class WorkflowInvalid(QuintetError):
    """The file is no workflow; each problem is named with its line."""

    code = "ops.workflow_invalid"


def parse_workflow(raw: bytes, path: Path) -> Workflow:
    """The workflow that a file's content stands for; raises `WorkflowInvalid` with all problems."""
    file = TomlFile(path, raw)
    try:
        data = file.data()
    except ConfigBroken as error:
        raise WorkflowInvalid(
            f"{path}:{error.details['line'] or 1} is not TOML", why=error.why
        ) from error
    reader = _Reader(str(path), key_lines(file.text()))
    workflow = reader.workflow(data, digest_hex(raw))
    if reader.problems:
        first, *others = reader.problems
        raise WorkflowInvalid(
            f"{path} is no workflow yet",
            why="; ".join([first, *others[:9]]),
            details={"problems": reader.problems},
        )
    return workflow


@dataclass(slots=True)
class _Reader:
    """Turns tables into a workflow and collects what is wrong on the way."""

    path: str
    lines: dict[tuple[str, ...], int]
    problems: list[str] = field(default_factory=list[str])
    kinds: dict[str, ValueKind] = field(default_factory=lambda: dict(BUILT_IN))

    def workflow(self, data: dict[str, Any], digest: str) -> Workflow:
        top = _Table(self, data, ())
        if (version := top.take("workflow", int)) not in (None, FORMAT):
            top.problem("workflow", f"format {version} is unknown here, {FORMAT} is")
        name, description = top.take("name", str), top.take("description", str, default="")
        if name is not None and not _NAME.fullmatch(name):
            top.problem("name", f"{name[:60]!r} is no name such as invoice-received")
        trigger = top.table("trigger")
        event_type = trigger.take("type", str)
        fields = self._fields(trigger.table("data"))
        trigger.finish()
        steps = self._steps(top.table("steps"))
        top.finish()
        return Workflow(name or "", description or "", event_type or "", fields, steps, digest)

    def _fields(self, table: "_Table") -> dict[str, Field]:
        fields: dict[str, Field] = {}
        for name in table.names():
            spelled = table.take(name, str)
            if spelled is None:
                continue
            word = spelled.removesuffix("?")
            if not _FIELD_NAME.fullmatch(name) or name in _RESERVED:
                table.problem(name, f"{name[:60]!r} cannot be the name of a field")
            elif word not in list(ValueKind):
                known = ", ".join(ValueKind)
                table.problem(name, f"{spelled[:40]!r} is no kind of value; there are {known}")
            else:
                fields[name] = Field(ValueKind(word), is_required=not spelled.endswith("?"))
                self.kinds[name] = fields[name].kind
        return fields

    def _steps(self, table: "_Table") -> tuple[Step, ...]:
        names = table.names()
        if len(names) > _STEPS_LIMIT or (not names and table.where in self.lines):
            table.problem("", f"there must be 1 to {_STEPS_LIMIT} steps")
        found = [self._step(name, table.table(name)) for name in names[:_STEPS_LIMIT]]
        return tuple(step for step in found if step is not None)

    def _step(self, name: str, table: "_Table") -> Step | None:
        word = table.take("action", str)
        when = self._condition(table)
        action: Action | None = None
        if word is not None and word in _ACTIONS:
            action = _ACTIONS[word](table)
        elif word is not None:
            table.problem("action", f"{word[:40]!r} is no action{_near(word, _ACTIONS)}")
            return None
        table.finish()
        return None if action is None else Step(name, action, when)

    def _condition(self, table: "_Table") -> Condition | None:
        text = table.take("when", str, default="")
        return table.parsed("when", text, parse_condition) if text else None


@dataclass(slots=True)
class _Table:
    """One table of the file: what is taken from it is checked, what is left is a mistake."""

    reader: _Reader
    values: dict[str, Any]
    where: tuple[str, ...]
    taken: set[str] = field(default_factory=set[str])

    def names(self) -> list[str]:
        return list(self.values)

    def take(
        self, name: str, kind: type[_Parsed], default: _Parsed | None = None
    ) -> _Parsed | None:
        """The value of a key; without a default the key has to be there."""
        self.taken.add(name)
        if name not in self.values:
            if default is None:
                self.problem(name, f"{name!r} is missing")
            return default
        value = self.values[name]
        if type(value) is not kind:
            self.problem(name, f"{name!r} must be {_KIND_WORDS[kind]}")
            return default
        return value

    def table(self, name: str) -> "_Table":
        values = cast("dict[str, Any] | None", self.take(name, dict)) or {}
        return _Table(self.reader, values, (*self.where, name))

    def template(self, name: str) -> Template:
        text = self.take(name, str)
        return self.parsed(name, text or "", parse_template) or Template("")

    def texts(self, name: str) -> list[str]:
        """A list of texts; an absent one is empty."""
        values = cast("list[object]", self.take(name, list, default=[]) or [])
        if not all(isinstance(value, str) for value in values):
            self.problem(name, f"{name!r} must be a list of texts")
        return [value for value in values if isinstance(value, str)]

    def parsed(
        self,
        name: str,
        text: str,
        parse: Callable[[str, Mapping[str, ValueKind]], _Parsed],
    ) -> _Parsed | None:
        try:
            return parse(text, self.reader.kinds)
        except (ConditionInvalid, TemplateInvalid) as error:
            self.problem(name, f"{name!r}: {error}")
            return None

    def problem(self, name: str, what: str) -> None:
        line = line_of(self.reader.lines, (*self.where, name)) or 1
        place = f"{'.'.join(self.where)}: " if self.where else ""
        self.reader.problems.append(f"{self.reader.path}:{line}: {place}{what}")

    def finish(self) -> None:
        for name in self.values.keys() - self.taken:
            self.problem(name, f"{name[:60]!r} is unknown{_near(name, self.taken)}")


def _append(table: _Table) -> Append:
    path, header = table.template("path"), tuple(table.texts("header"))
    texts = [table.parsed("row", text, parse_template) for text in table.texts("row")]
    row = tuple(template for template in texts if template is not None)
    if ("text" in table.values) == ("row" in table.values):
        table.problem("", "it needs either 'text' or 'row'")
    if header and len(header) != len(texts):
        table.problem("header", f"'header' has {len(header)} columns and 'row' {len(texts)}")
    text = table.template("text") if "text" in table.values else None
    return Append(path, text, row, header)


def _write(table: _Table) -> Write:
    replaces = table.take("replace", bool, default=False)
    return Write(table.template("path"), table.template("text"), bool(replaces))


def _move(table: _Table) -> Move:
    return Move(table.template("from"), table.template("to"))


def _note(table: _Table) -> Note:
    return Note(table.template("text"))


def _approve(table: _Table) -> Approve:
    return Approve(table.template("text"))


def _near(word: str, known: Mapping[str, Any] | set[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


_ACTIONS: Mapping[str, Callable[[_Table], Action]] = {
    "file.append": _append,
    "file.write": _write,
    "file.move": _move,
    "note": _note,
    "approve": _approve,
}
_KIND_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}

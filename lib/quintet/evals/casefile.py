"""A suite as a file: JSON Lines, version 1, one case a line. docs/evals.md describes it.

The first line may be a header instead: `{"evals": 1, "suite": "notes", "now": "2026-03-02"}`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from quintet.errors import QuintetError
from quintet.evals.assertions import parse_check
from quintet.evals.case import NOW, Case, Offered, PromptSubject, Suite, Turn, VerbSubject
from quintet.evals.fields import BadCase, Fields, refused
from quintet.evals.instruments import Instruments
from quintet.evals.observation import ABSENT

VERSION = 1
FILE_LIMIT_BYTES = 64 << 20
LINE_LIMIT_BYTES = 4 << 20
CASE_LIMIT = 100_000
_HEADER = ("evals", "suite", "now")
_KNOWN = ("id", "run", "ask", "files", "stdin", "tape", "now", "assert", "expect", "bad")
_MORE = ("before", "steady", "timeout_s", "note")
_ASK = ("model", "prompt", "system", "messages", "schema", "tools", "max_tokens", "temperature")
_ROLES = ("system", "user", "assistant")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Header:
    suite: str
    now: str = NOW


def parse_suite(data: bytes, name: str, tools: Instruments) -> Suite:
    """The cases of a file; raises `BadCase` with the number of the first line that is wrong."""
    header, cases, seen = _Header(name), list[Case](), dict[str, int]()
    for line, value in _values(data, tools):
        if not cases and isinstance(value, Mapping) and "evals" in value and header.suite == name:
            header = _header(Fields(value, line, "the header"), name)
            continue
        case = _case(Fields(value, line, "a case"), header, tools)
        if case.id in seen:
            why = f"line {seen[case.id]} has it too"
            raise refused(line, f"the id {case.id!r} is there twice", why=why)
        seen[case.id] = line
        cases.append(case)
        if len(cases) > CASE_LIMIT:
            raise refused(line, f"a suite has at most {CASE_LIMIT:,} cases")
    if not cases:
        raise BadCase("there is no case in the file", why="it is empty", hint="see docs/evals.md")
    return Suite(header.suite, tuple(cases), hashlib.sha256(data).hexdigest())


def _values(data: bytes, tools: Instruments) -> Iterator[tuple[int, Any]]:
    if len(data) > FILE_LIMIT_BYTES:
        raise BadCase("the file is too large", why=f"more than {FILE_LIMIT_BYTES >> 20} MB")
    for line, raw in enumerate(data.removeprefix(_BOM).split(b"\n"), 1):
        if len(raw) > LINE_LIMIT_BYTES:
            why = f"it has {len(raw):,} bytes; a line has at most {LINE_LIMIT_BYTES >> 20} MB"
            raise refused(line, "it is too long", why=why)
        if raw.strip():
            yield line, _value(raw, line, tools)


def _value(raw: bytes, line: int, tools: Instruments) -> Any:
    try:
        return tools.parse_json(raw.decode())
    except UnicodeDecodeError as error:
        raise refused(line, "it is not UTF-8", why=f"at byte {error.start}") from error
    except QuintetError as error:
        raise refused(line, "it is not JSON", why=error.why) from error


def _header(fields: Fields, name: str) -> _Header:
    fields.require_known(_HEADER)
    version = fields.number("evals")
    if version != VERSION:
        why = f"it has version {version:g}; this program reads version {VERSION}"
        raise fields.wrong("the file cannot be read", why=why)
    return _Header(fields.text("suite", name) or name, _moment(fields, NOW))


def _moment(fields: Fields, default: str) -> str:
    text = fields.text("now", default)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        hint = "write it as 2026-03-02T09:30:00Z"
        raise fields.wrong(f"'now' is no moment: {text[:40]!r}", hint=hint) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _case(fields: Fields, header: _Header, tools: Instruments) -> Case:
    fields.require_known((*_KNOWN, *_MORE))
    id = fields.text("id")
    if not _ID.fullmatch(id):
        why = "letters, digits, dots, dashes and underscores, at most 80"
        raise fields.wrong(f"{id[:80]!r} cannot be an id", why=why)
    if ("run" in fields) == ("ask" in fields):
        raise fields.wrong("a case has either 'run' or 'ask'", why="the one thing that it tries")
    checks = tuple(parse_check(one, fields.line, tools) for one in fields.list("assert"))
    if not checks:
        raise fields.wrong(f"the case {id!r} asserts nothing", hint='"assert": [{"contains": "…"}]')
    timeout_s = fields.number("timeout_s", least=0.01) if "timeout_s" in fields else 60.0
    case = Case(id, _subject(fields, header, tools), checks, timeout_s=timeout_s, line=fields.line)
    return replace(
        case,
        expect=fields.raw("expect") if "expect" in fields else ABSENT,
        bad=tuple(fields.list("bad")),
        is_steady=fields.truth("steady", default=False) if "steady" in fields else None,
    )


def _subject(fields: Fields, header: _Header, tools: Instruments) -> VerbSubject | PromptSubject:
    if "ask" in fields:
        for name in ("before", "files", "stdin", "tape", "now"):
            if name in fields:
                raise fields.wrong(f"{name!r} goes with 'run', not with 'ask'")
        return _prompt(Fields(fields.raw("ask"), fields.line, "'ask'"), tools)
    words = _words(fields.raw("run"), "run", fields)
    before = tuple(_words(one, "before", fields) for one in fields.list("before"))
    tape = fields.text("tape", "")
    files = {name: _content(name, value, fields) for name, value in fields.object("files").items()}
    if tape:
        _require_below(tape, fields)
    return VerbSubject(
        words,
        before,
        files,
        stdin=fields.text("stdin", ""),
        tape=tape,
        now=_moment(fields, header.now),
    )


def _words(value: Any, name: str, fields: Fields) -> tuple[str, ...]:
    """A command line of `ai`, with or without that word in front."""
    inner = Fields({name: value}, fields.line, "a case").texts(name)
    words = inner[1:] if inner[:1] == ("ai",) else inner
    if not words or any("\0" in word for word in words):
        hint = f'"{name}": ' + (
            '["life", "add", "…"]' if name == "run" else '[["life", "add", "…"]]'
        )
        raise fields.wrong(f"{name!r} has no words", hint=hint)
    return words


def _content(name: str, value: Any, fields: Fields) -> bytes:
    _require_below(name, fields)
    if isinstance(value, str):
        return value.encode()
    inner = Fields(value, fields.line, f"the file {name!r}")
    inner.require_known(("base64",))
    try:
        return base64.b64decode(inner.text("base64"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise fields.wrong(f"the file {name!r} is not base64", why=str(error)) from error


def _require_below(name: str, fields: Fields) -> None:
    """A case may not reach out of the folder that it is given."""
    path = PurePosixPath(name)
    is_plain = name and "\0" not in name and not name.endswith("/") and str(path) == name
    if not is_plain or path.is_absolute() or ".." in path.parts:
        raise fields.wrong(
            f"{name[:80]!r} cannot be a file of a case",
            why="it must be a plain name below a folder",
        )


def _prompt(fields: Fields, tools: Instruments) -> PromptSubject:
    fields.require_known(_ASK)
    schema = fields.object("schema") if "schema" in fields else None
    offered = tuple(_tool(one, fields, tools) for one in fields.list("tools"))
    if schema is not None:
        _sound(fields, lambda: tools.check_schema(schema))
        if offered:
            raise fields.wrong("'ask' has either a schema or tools", why="both were given")
    temperature = fields.number("temperature", least=0) if "temperature" in fields else None
    most = fields.count("max_tokens", least=1, most=1 << 20) if "max_tokens" in fields else 1024
    return PromptSubject(
        _turns(fields), fields.text("model", ""), most, schema, offered, temperature
    )


def _turns(fields: Fields) -> tuple[Turn, ...]:
    if ("prompt" in fields) == ("messages" in fields):
        raise fields.wrong("'ask' has either 'prompt' or 'messages'")
    turns = [Turn("system", fields.text("system"))] if "system" in fields else []
    if "prompt" in fields:
        return (*turns, Turn("user", fields.text("prompt")))
    for one in fields.list("messages"):
        inner = Fields(one, fields.line, "a message")
        inner.require_known(("role", "content"))
        role = inner.text("role")
        if role not in _ROLES:
            raise fields.wrong(f"a role is one of {', '.join(_ROLES)}, not {role[:40]!r}")
        turns.append(Turn(role, inner.text("content")))
    if not turns:
        raise fields.wrong("'messages' is empty")
    return tuple(turns)


def _tool(value: Any, fields: Fields, tools: Instruments) -> Offered:
    inner = Fields(value, fields.line, "a tool")
    inner.require_known(("name", "description", "parameters"))
    parameters = inner.object("parameters")
    _sound(fields, lambda: tools.check_schema(parameters))
    return Offered(inner.text("name"), inner.text("description", ""), parameters)


def _sound(fields: Fields, ask: Callable[[], None]) -> None:
    try:
        ask()
    except QuintetError as error:
        raise fields.wrong(error.what, why=error.why, hint=error.hint) from error

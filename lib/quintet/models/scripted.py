"""A model that says what a script tells it: for tests, demonstrations and working on prompts.

It ships with the product so that everything that talks to a model can be run by anybody, with no
weights and no network, and does the same every time.
"""

import json
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.models.port import (
    Chunk,
    Finish,
    ModelFailed,
    Reply,
    Request,
    ToolCall,
    Usage,
    check_request,
)
from quintet.models.registry import Services
from quintet.models.stops import until_stop
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.models.tokens import rough_prompt_tokens, rough_tokens
from quintet.platform.files import read_bytes

SCRIPT_LIMIT_BYTES = 16 << 20
_FIELDS = {"text", "json", "tool_calls", "fails", "when", "again"}
_PIECES = re.compile(r"\s*\S+|\s+\Z")


class ScriptBroken(QuintetError):
    """The script cannot be read."""

    kind = Kind.USAGE
    code = "models.script_broken"


class ScriptEnded(QuintetError):
    """The script has no line left for this request."""

    code = "models.script_ended"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer. `when` is a text that the last message must hold; `again` lets it be reused."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    fails: str = ""
    when: str = ""
    again: bool = False


class ScriptedModel:
    """Answers each request with the first line left that applies to it.

    `requests` keeps what was asked, for tests to look at.
    """

    def __init__(self, lines: Sequence[Line | str], name: str = "scripted") -> None:
        self._left = [Line(line) if isinstance(line, str) else line for line in lines]
        self._name = name
        self.requests: list[Request] = []

    @property
    def name(self) -> str:
        return self._name

    def complete(self, request: Request) -> Reply:
        check_request(request)
        self.requests.append(request)
        line = self._next(request)
        if line.fails:
            raise ModelFailed("the script says that this call fails", why=line.fails)
        return _reply(line, request, self._name)

    def stream(self, request: Request) -> Generator[Chunk]:
        reply = self.complete(request)
        for piece in _PIECES.findall(reply.text):
            yield Chunk(piece)
        yield Chunk(reply=reply)

    def close(self) -> None:
        return

    def _next(self, request: Request) -> Line:
        said = request.messages[-1].content
        for index, line in enumerate(self._left):
            if line.when in said:
                return line if line.again else self._left.pop(index)
        raise ScriptEnded(
            f"{self._name} has no answer left",
            why=f"{len(self.requests)} requests were made; the last one says {said[:80]!r}",
            hint='add a line such as {"text": "…"} to the script',
        )


def _reply(line: Line, request: Request, name: str) -> Reply:
    text = until_stop(line.text, request.stop)
    shortened = text[: request.max_tokens * 4]
    finish = Finish.LENGTH if shortened != text else Finish.STOP
    return Reply(
        text=shortened,
        tool_calls=line.tool_calls,
        usage=Usage(rough_prompt_tokens(request), rough_tokens(shortened), exact=False),
        finish=Finish.TOOLS if line.tool_calls else finish,
        model=name,
    )


def open_model(rest: str, services: Services) -> ScriptedModel:
    return read_script(Path(rest).expanduser())


def read_script(path: Path) -> ScriptedModel:
    """The model that a JSONL file describes, one answer a line."""
    return ScriptedModel(parse_script(read_bytes(path, SCRIPT_LIMIT_BYTES)), f"scripted:{path}")


def parse_script(data: bytes) -> list[Line]:
    """The lines of a script; raises `ScriptBroken` with the number of the first bad one."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ScriptBroken("the script is not text", why="it is not UTF-8") from error
    numbered = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return [_parse_line(line, number) for number, line in numbered]


def _parse_line(text: str, number: int) -> Line:
    try:
        value = parse_json(text)
    except JsonInvalid as error:
        raise _broken(number, f"it is not JSON: {error.why}") from error
    if isinstance(value, str):
        return Line(value)
    if not isinstance(value, dict):
        raise _broken(number, "it is neither a text nor an object")
    fields = cast("dict[str, Any]", value)
    if unknown := sorted(fields.keys() - _FIELDS):
        raise _broken(number, f"it has the unknown field {unknown[0]!r}")
    return Line(
        text=_said(fields, number),
        tool_calls=_tool_calls(fields.get("tool_calls", []), number),
        fails=_text(fields, "fails", number),
        when=_text(fields, "when", number),
        again=bool(fields.get("again", False)),
    )


def _said(fields: Mapping[str, Any], number: int) -> str:
    if "json" in fields:
        return json.dumps(fields["json"], ensure_ascii=False)
    return _text(fields, "text", number)


def _text(fields: Mapping[str, Any], name: str, number: int) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise _broken(number, f"its field {name!r} is not a text")
    return value


def _tool_calls(value: Any, number: int) -> tuple[ToolCall, ...]:
    calls = cast("list[Any]", value) if isinstance(value, list) else [value]
    return tuple(_tool_call(call, f"call-{number}-{at}", number) for at, call in enumerate(calls))


def _tool_call(value: Any, default_id: str, number: int) -> ToolCall:
    call = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    arguments = call.get("arguments")
    if not isinstance(arguments, dict) or not isinstance(call.get("name"), str):
        raise _broken(number, "a tool call needs a name and arguments")
    call_id = str(call.get("id", default_id))
    return ToolCall(call_id, call["name"], cast("dict[str, Any]", arguments))


def _broken(number: int, why: str) -> ScriptBroken:
    return ScriptBroken(f"line {number} of the script cannot be used", why=why)

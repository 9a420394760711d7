"""Gets a value of a JSON Schema out of any model, or an error that names the field that is wrong.

First the model is held to the schema by its own means. Where it has none, it is asked in words.
Either way the answer is checked here, and a wrong one is sent back once with what is wrong.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from quintet.errors import QuintetError
from quintet.models.port import (
    ChatModel,
    Finish,
    JsonSchema,
    Message,
    Reply,
    Request,
    Role,
    SchemaUnsupported,
)
from quintet.models.schema import check_schema
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.models.validation import Problem, problems

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n?\s*```", re.DOTALL)
_SHOWN_PROBLEMS = 5


class BadReply(QuintetError):
    """The model was told what is wrong with its answer and still got it wrong."""

    code = "models.bad_reply"


@dataclass(frozen=True, slots=True)
class Structured:
    """A value that fits the schema, and every reply that it took to get it."""

    value: Any
    replies: tuple[Reply, ...]


def ask_for(model: ChatModel, request: Request, schema: JsonSchema) -> Structured:
    """The value that the model answers with; raises `BadReply` after one repair."""
    check_schema(schema)
    asked, first = _first_answer(model, request, schema)
    value, found = _read(first, schema)
    if not found:
        return Structured(value, (first,))
    second = model.complete(_repair(asked, first, found))
    value, found = _read(second, schema)
    if not found:
        return Structured(value, (first, second))
    raise BadReply(
        f"{model.name} did not give what was asked for",
        why="; ".join(map(str, found[:_SHOWN_PROBLEMS])),
        hint=_hint(second),
        details={"path": found[0].path, "text": second.text[:2000]},
    )


def _first_answer(model: ChatModel, request: Request, schema: JsonSchema) -> tuple[Request, Reply]:
    held = replace(request, schema=schema)
    try:
        return held, model.complete(held)
    except SchemaUnsupported:
        asked = replace(request, messages=(*request.messages, _in_words(schema)))
        return asked, model.complete(asked)


def _in_words(schema: JsonSchema) -> Message:
    described = json.dumps(schema, ensure_ascii=False)
    return Message(
        Role.USER,
        "Answer with one JSON value and nothing else. It must fit this JSON Schema:\n" + described,
    )


def _read(reply: Reply, schema: JsonSchema) -> tuple[Any, list[Problem]]:
    try:
        value = _json_in(reply.text)
    except JsonInvalid as error:
        if reply.finish is Finish.LENGTH:
            return None, [Problem("$", "the answer was cut off; it must be shorter")]
        return None, [Problem("$", f"is not JSON: {error.why}")]
    return value, problems(schema, value)


def _json_in(text: str) -> Any:
    """The value that a text is, or that stands in its fenced block."""
    try:
        return parse_json(text)
    except JsonInvalid:
        fenced = _FENCED.search(text)
        if fenced is None:
            raise
        return parse_json(fenced[1])


def _repair(request: Request, reply: Reply, found: list[Problem]) -> Request:
    told = "\n".join(f"- {problem}" for problem in found[:_SHOWN_PROBLEMS])
    said = Message(Role.ASSISTANT, reply.text, labels=request.labels)
    wanted = Message(
        Role.USER, f"That answer does not fit:\n{told}\nAnswer again, with all of it right."
    )
    # Some servers refuse a turn that says nothing.
    turns = (said, wanted) if reply.text.strip() else (wanted,)
    return replace(request, messages=(*request.messages, *turns))


def _hint(reply: Reply) -> str:
    if reply.finish is Finish.LENGTH:
        return "allow a longer answer (max_tokens) or ask for less at once"
    return "try a larger model: ai models list"

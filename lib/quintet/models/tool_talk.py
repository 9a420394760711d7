"""Tools for models that know none: told in words, called in JSON of a schema that unites them.

What a local model's own template makes of tools differs from model to model; this is the same for
all, and a grammar holds the model to it.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

from quintet.models.dig import dig, dig_text
from quintet.models.grammar import compile_grammar
from quintet.models.port import JsonSchema, Message, Role, SchemaUnsupported, Tool, ToolCall
from quintet.models.schema import SchemaInvalid
from quintet.models.strict_json import JsonInvalid, parse_json

_SAY = "say"
_HOW_TO_CALL = (
    'Answer with JSON. To use a tool: {"tool": NAME, "arguments": {…}}. '
    'To answer the user: {"say": TEXT}. The tools are:'
)
_ANY_OBJECT = {"type": "object"}


def union_schema(tools: Sequence[Tool]) -> JsonSchema:
    """Either something to say, or a call of one of the tools."""
    options = [_object({_SAY: {"type": "string"}})]
    for tool in tools:
        options.append(_object({"tool": {"const": tool.name}, "arguments": _arguments(tool)}))
    return {"anyOf": options}


def _object(properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _arguments(tool: Tool) -> JsonSchema:
    """The tool's own schema where a grammar can hold to it by itself, else any object."""
    try:
        compile_grammar(tool.parameters)
    except (SchemaUnsupported, SchemaInvalid):
        return _ANY_OBJECT
    # References lead from the root, which this schema will no longer be.
    return _ANY_OBJECT if "$ref" in json.dumps(tool.parameters) else tool.parameters


def told(messages: Sequence[Message], tools: Sequence[Tool]) -> list[dict[str, str]]:
    """The conversation in turns of system, user and assistant, with the tools explained first."""
    turns = [{"role": "system", "content": _explained(tools)}] if tools else []
    turns += [_turn(message) for message in messages]
    return [{name: _whole_characters(text) for name, text in turn.items()} for turn in turns]


def _whole_characters(text: str) -> str:
    """Without halves of characters, which native code refuses."""
    return text.encode("utf-8", "replace").decode()


def _explained(tools: Sequence[Tool]) -> str:
    described = [
        f"- {tool.name}: {tool.description} Arguments: {json.dumps(tool.parameters)}"
        for tool in tools
    ]
    return "\n".join((_HOW_TO_CALL, *described))


def _turn(message: Message) -> dict[str, str]:
    content = message.content
    if message.tool_calls:
        calls = [_call_text(call) for call in message.tool_calls]
        content = "\n".join(filter(None, (content, *calls)))
    if message.role is Role.TOOL:
        return {"role": "user", "content": f"The tool answered: {content}"}
    return {"role": str(message.role), "content": content}


def _call_text(call: ToolCall) -> str:
    return json.dumps({"tool": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False)


def understood(text: str, call_id: str) -> tuple[str, tuple[ToolCall, ...]]:
    """What the model says, or the call that it makes; a text that was cut off says nothing."""
    try:
        value: Any = parse_json(text)
    except JsonInvalid:
        return "", ()
    arguments = dig(value, "arguments")
    if isinstance(arguments, dict):
        given = cast("dict[str, Any]", arguments)
        return "", (ToolCall(call_id, dig_text(value, "tool"), given),)
    return dig_text(value, _SAY), ()

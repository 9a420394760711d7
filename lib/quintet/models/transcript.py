"""Requests and replies as JSON values: what is recorded, hashed and traced."""

from collections.abc import Mapping
from typing import Any

from quintet.models.port import Finish, Message, ModelFailed, Reply, Request, ToolCall, Usage


def request_json(request: Request) -> dict[str, Any]:
    """Everything that decides the answer, which labels do not."""
    found: dict[str, Any] = {
        "messages": [_message_json(message) for message in request.messages],
        "max_tokens": request.max_tokens,
    }
    if request.schema is not None:
        found["schema"] = dict(request.schema)
    if request.tools:
        found["tools"] = [
            {"name": t.name, "description": t.description, "parameters": dict(t.parameters)}
            for t in request.tools
        ]
    if request.stop:
        found["stop"] = list(request.stop)
    if request.temperature is not None:
        found["temperature"] = request.temperature
    if request.seed is not None:
        found["seed"] = request.seed
    return found


def _message_json(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"role": str(message.role), "content": message.content}
    if message.tool_calls:
        found["tool_calls"] = [_call_json(call) for call in message.tool_calls]
    if message.tool_call_id:
        found["tool_call_id"] = message.tool_call_id
    return found


def _call_json(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "name": call.name, "arguments": dict(call.arguments)}


def reply_json(reply: Reply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "text": reply.text,
        "tool_calls": [_call_json(call) for call in reply.tool_calls],
        "finish": str(reply.finish),
        "model": reply.model,
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cached_tokens": usage.cached_tokens,
            "exact": usage.exact,
        },
    }


def reply_of(value: Mapping[str, Any]) -> Reply:
    """The reply that `reply_json` wrote; raises `ModelFailed` when the value is no reply."""
    try:
        return Reply(
            text=str(value["text"]),
            tool_calls=tuple(
                ToolCall(str(call["id"]), str(call["name"]), dict(call["arguments"]))
                for call in value["tool_calls"]
            ),
            usage=Usage(**{name: value["usage"][name] for name in Usage.__slots__}),
            finish=Finish(value["finish"]),
            model=str(value["model"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFailed("a recorded reply cannot be read", why=repr(error)) from error

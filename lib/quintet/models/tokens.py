"""Counting tokens without a tokenizer: roughly, and as a bound that no tokenizer exceeds."""

import json

from quintet.models.port import Message, Request

# What templates and providers put around each message, and around a list of tools.
_MESSAGE_OVERHEAD = 16
_TOOLS_OVERHEAD = 600
_REQUEST_OVERHEAD = 64


def rough_tokens(text: str) -> int:
    """About how many tokens a text is: four bytes each, as English and code have on average."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)


def rough_prompt_tokens(request: Request) -> int:
    return sum(rough_tokens(_text_of(message)) + 4 for message in request.messages)


def prompt_tokens_at_most(request: Request) -> int:
    """A count that the real one cannot exceed: every token stands for at least one byte.

    Reservations are made with it, so that no call can cost more than what was set aside.
    """
    messages = sum(
        len(_text_of(message).encode("utf-8", "surrogatepass")) + _MESSAGE_OVERHEAD
        for message in request.messages
    )
    extra = _REQUEST_OVERHEAD
    if request.tools:
        described = [[tool.name, tool.description, tool.parameters] for tool in request.tools]
        extra += _TOOLS_OVERHEAD + 2 * len(json.dumps(described))
    if request.schema is not None:
        extra += _TOOLS_OVERHEAD + 2 * len(json.dumps(request.schema))
    return messages + extra


def _text_of(message: Message) -> str:
    calls = [[call.id, call.name, call.arguments] for call in message.tool_calls]
    return message.content + (json.dumps(calls) if calls else "") + message.tool_call_id

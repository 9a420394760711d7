"""What the trace says of a call of a model; the words that go in and out are content."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from quintet.models.port import Embedder, Message, Reply, Request, Role
from quintet.models.registry import PROVIDERS, Spec, model_and_address
from quintet.platform.trace import conventions as words
from quintet.platform.trace.span import Span, begin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MICROS = 1_000_000


def chat_span(name: str, provider: str, request: Request, group: str, *, streams: bool) -> Span:
    """A call that begins; it becomes the current span only while the model is at work."""
    shape = words.chat(name, provider, request.max_tokens, group, streams=streams)
    span = begin(shape)
    span.offer(words.INPUT, lambda: _input(request), request.labels)
    return span


def tell_reply(span: Span, reply: Reply, money_micros: int) -> None:
    span.set_all(
        {
            words.ANSWERED_BY: shown_name(reply.model),
            words.FINISH: (reply.finish.value,),
            words.INPUT_TOKENS: reply.usage.prompt_tokens,
            words.OUTPUT_TOKENS: reply.usage.completion_tokens,
            words.COST_USD: money_micros / _MICROS,
        }
    )
    if reply.usage.cached_tokens:
        span.set(words.CACHED_TOKENS, reply.usage.cached_tokens)
    span.offer(words.OUTPUT, lambda: _output(reply))


class TracedEmbedder:
    """An embedder of whose work the trace knows."""

    def __init__(self, embedder: Embedder, provider: str) -> None:
        self._embedder = embedder
        self._provider = provider

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    @property
    def digest(self) -> str:
        return self._embedder.digest

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        with begin(words.embeddings(shown_name(self.name), self._provider, len(texts))):
            return self._embedder.embed(texts)

    def close(self) -> None:
        self._embedder.close()


def shown_name(model: Spec | str) -> str:
    """A model's name; where its server is or in which folder its file lies does not belong here."""
    text = str(model)
    kind, colon, rest = text.partition(":")
    if colon and kind in PROVIDERS and PROVIDERS[kind].address:
        return model_and_address(Spec(kind, rest))[0]
    path = rest if colon and kind in PROVIDERS else text
    return path.rpartition("/")[2] if path.startswith(("/", ".", "~")) else path


def _input(request: Request) -> str:
    return json.dumps([_message(message) for message in request.messages], ensure_ascii=False)


def _message(message: Message) -> dict[str, Any]:
    if message.role is Role.TOOL:
        answer = {"type": "tool_call_response", "id": message.tool_call_id}
        return {"role": "tool", "parts": [answer | {"response": message.content}]}
    parts: list[dict[str, Any]] = []
    if message.content:
        parts.append({"type": "text", "content": message.content})
    for call in message.tool_calls:
        parts.append({"type": "tool_call", "id": call.id, "name": call.name})
        parts[-1]["arguments"] = dict(call.arguments)
    return {"role": message.role.value, "parts": parts}


def _output(reply: Reply) -> str:
    said = _message(Message(Role.ASSISTANT, reply.text, reply.tool_calls))
    return json.dumps([{**said, "finish_reason": reply.finish.value}], ensure_ascii=False)

"""Anthropic's Messages over HTTP."""

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from quintet.models.dialect import closed
from quintet.models.dig import dig, dig_count, dig_list, dig_text
from quintet.models.port import (
    Chunk,
    Finish,
    Message,
    ModelFailed,
    Reply,
    Request,
    Role,
    ToolCall,
    Usage,
    check_request,
    in_one_piece,
)
from quintet.models.registry import Services, Spec
from quintet.models.remote import (
    Endpoint,
    HttpClient,
    Sending,
    Server,
    arguments_of,
    endpoint_of,
    server_error,
)
from quintet.models.stops import StopScanner, until_stop
from quintet.models.tokens import rough_prompt_tokens, rough_tokens
from quintet.platform.clock import Clock

API_VERSION = "2023-06-01"
_FINISHES = {
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "refusal": Finish.WITHHELD,
}


def open_model(rest: str, services: Services) -> "AnthropicModel":
    endpoint = endpoint_of(Spec("anthropic", rest), services)
    return AnthropicModel(endpoint, services.http(), services.clock)


class AnthropicModel:
    """A model behind the Messages endpoint."""

    def __init__(self, endpoint: Endpoint, http: HttpClient, clock: Clock) -> None:
        self._endpoint = endpoint
        self._server = Server(endpoint, http, clock)

    @property
    def name(self) -> str:
        return self._endpoint.name

    def complete(self, request: Request) -> Reply:
        check_request(request)
        value = self._server.ask(request, self._sending(request, streamed=False))
        return self._reply(request, value)

    def stream(self, request: Request) -> Generator[Chunk]:
        check_request(request)
        answer = _Answer()
        scanner = StopScanner(request.stop)
        for event in self._server.events(request, self._sending(request, streamed=True)):
            if dig_text(event, "type") == "message":
                yield from in_one_piece(self._reply(request, event))
                return
            if dig_text(event, "type") == "error":
                said = dig_text(event, "error", "message")
                raise server_error(self.name, said, dig_text(event, "error", "type"))
            if piece := scanner.feed(answer.add(event)):
                yield Chunk(piece)
            if scanner.is_stopped or answer.is_done:
                break
        if rest := scanner.rest():
            yield Chunk(rest)
        if not answer.finish and not scanner.is_stopped:
            raise ModelFailed(
                f"the answer of {self.name} broke off", why="the stream ended before it was done"
            )
        yield Chunk(reply=answer.reply(request, self._endpoint))

    def close(self) -> None:
        return

    def _sending(self, request: Request, *, streamed: bool) -> Sending:
        system, messages = conversation_wire(request.messages)
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "max_tokens": request.max_tokens,
            "messages": messages,
            **_options_wire(request),
        }
        if system:
            body["system"] = system
        if streamed:
            body["stream"] = True
        headers = {"anthropic-version": API_VERSION}
        if key := self._server.key():
            headers["x-api-key"] = key
        return Sending("/messages", headers, body)

    def _reply(self, request: Request, value: Any) -> Reply:
        if not isinstance(dig(value, "content"), list):
            raise ModelFailed(f"{self.name} gave no usable answer", why="it holds no content")
        answer = _Answer()
        answer.take_whole(value)
        return answer.reply(request, self._endpoint)


@dataclass(slots=True)
class _Block:
    """A part of the answer: text, or a tool call whose arguments arrive as pieces of JSON."""

    kind: str
    text: str = ""
    id: str = ""
    name: str = ""


@dataclass(slots=True)
class _Answer:
    blocks: dict[int, _Block] = field(default_factory=dict[int, _Block])
    usage: dict[str, Any] = field(default_factory=dict[str, Any])
    finish: str = ""
    model: str = ""
    is_done: bool = False

    def add(self, event: Any) -> str:
        """Take one streamed event; the text that it brings."""
        match dig_text(event, "type"):
            case "message_start":
                self._take_frame(dig(event, "message"))
            case "content_block_start":
                block = self._start(dig_count(event, "index"), dig(event, "content_block"))
                return block.text if block.kind == "text" else ""
            case "content_block_delta":
                return self._extend(dig_count(event, "index"), dig(event, "delta"))
            case "message_delta":
                self._take_frame(dig(event, "delta"))
                self._take_frame(event)
            case "message_stop":
                self.is_done = True
            case _:
                pass
        return ""

    def take_whole(self, value: Any) -> None:
        self._take_frame(value)
        for index, block in enumerate(dig_list(value, "content")):
            self._start(index, block)

    def _take_frame(self, value: Any) -> None:
        self.model = dig_text(value, "model") or self.model
        self.finish = dig_text(value, "stop_reason") or self.finish
        usage = dig(value, "usage")
        if isinstance(usage, Mapping):
            self.usage |= cast("Mapping[str, Any]", usage)

    def _start(self, index: int | None, value: Any) -> _Block:
        block = _Block(dig_text(value, "type"), dig_text(value, "text"))
        block.id, block.name = dig_text(value, "id"), dig_text(value, "name")
        given = dig(value, "input")
        if given and isinstance(given, Mapping):
            block.text = json.dumps(given)
        self.blocks[len(self.blocks) if index is None else index] = block
        return block

    def _extend(self, index: int | None, delta: Any) -> str:
        block = self.blocks.get(index or 0)
        if block is None:
            return ""
        if block.kind == "text":
            block.text += (piece := dig_text(delta, "text"))
            return piece
        block.text += dig_text(delta, "partial_json")
        return ""

    def reply(self, request: Request, endpoint: Endpoint) -> Reply:
        blocks = [block for _, block in sorted(self.blocks.items())]
        text = "".join(block.text for block in blocks if block.kind == "text")
        calls = tuple(
            ToolCall(
                block.id or f"call_{number}",
                block.name,
                arguments_of(block.text, block.name, endpoint.name),
            )
            for number, block in enumerate(blocks)
            if block.kind == "tool_use"
        )
        return Reply(
            text=until_stop(text, request.stop),
            tool_calls=calls,
            usage=self._usage(request, text),
            finish=Finish.TOOLS if calls else _FINISHES.get(self.finish, Finish.STOP),
            model=self.model or endpoint.model,
        )

    def _usage(self, request: Request, text: str) -> Usage:
        fresh = dig_count(self.usage, "input_tokens")
        completion = dig_count(self.usage, "output_tokens")
        if fresh is None or completion is None:
            return Usage(rough_prompt_tokens(request), rough_tokens(text), exact=False)
        cached = dig_count(self.usage, "cache_read_input_tokens") or 0
        written = dig_count(self.usage, "cache_creation_input_tokens") or 0
        return Usage(fresh + cached + written, completion, cached)


def conversation_wire(messages: Sequence[Message]) -> tuple[str, list[dict[str, Any]]]:
    """System texts apart, and the turns; answers of tools that were called together in one turn."""
    system: list[str] = []
    turns: list[dict[str, Any]] = []
    for index, message in enumerate(messages):
        match message.role:
            case Role.SYSTEM:
                system.append(message.content)
            case Role.TOOL:
                follows_tool = index > 0 and messages[index - 1].role is Role.TOOL
                if not follows_tool:
                    turns.append({"role": "user", "content": []})
                turns[-1]["content"].append(_tool_result(message))
            case Role.USER:
                turns.append({"role": "user", "content": message.content})
            case Role.ASSISTANT:
                if content := _assistant_content(message):
                    turns.append({"role": "assistant", "content": content})
    return "\n\n".join(system), turns


def _tool_result(message: Message) -> dict[str, Any]:
    return {
        "type": "tool_result",
        "tool_use_id": message.tool_call_id,
        "content": message.content,
    }


def _assistant_content(message: Message) -> list[dict[str, Any]]:
    text = [{"type": "text", "text": message.content}] if message.content else []
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)}
        for call in message.tool_calls
    ]
    return [*text, *calls]


def _options_wire(request: Request) -> dict[str, Any]:
    """Options that were asked for. This service knows no seed, so a seed is not sent."""
    found: dict[str, Any] = {}
    if request.stop:
        found["stop_sequences"] = list(request.stop)
    if request.temperature is not None:
        found["temperature"] = request.temperature
    if request.tools:
        found["tools"] = [
            {"name": t.name, "description": t.description, "input_schema": dict(t.parameters)}
            for t in request.tools
        ]
    if request.schema is not None:
        form = {"type": "json_schema", "schema": closed(request.schema)}
        found["output_config"] = {"format": form}
    return found

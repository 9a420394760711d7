"""Chat Completions over HTTP: llama-server, Ollama, vLLM, LM Studio, and hosted services."""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.models.dialect import is_strict
from quintet.models.dig import dig, dig_count, dig_list, dig_text
from quintet.models.port import (
    Chunk,
    Finish,
    Message,
    ModelFailed,
    Reply,
    Request,
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

_FINISHES = {"length": Finish.LENGTH, "content_filter": Finish.WITHHELD}
# The field for the limit was renamed by its inventor; nobody else followed.
_LIMIT_FIELDS = {"api.openai.com:443": "max_completion_tokens"}


def open_model(rest: str, services: Services) -> "OpenAiModel":
    endpoint = endpoint_of(Spec("openai", rest), services)
    return OpenAiModel(endpoint, services.http(), services.clock)


class OpenAiModel:
    """A model behind a Chat Completions endpoint."""

    def __init__(self, endpoint: Endpoint, http: HttpClient, clock: Clock) -> None:
        self._endpoint = endpoint
        self._server = Server(endpoint, http, clock)

    @property
    def name(self) -> str:
        return self._endpoint.name

    def complete(self, request: Request) -> Reply:
        check_request(request)
        answer = self._server.ask(request, self._sending(request, streamed=False))
        return self._reply(request, answer)

    def stream(self, request: Request) -> Generator[Chunk]:
        check_request(request)
        answer = _Answer()
        scanner = StopScanner(request.stop)
        for event in self._server.events(request, self._sending(request, streamed=True)):
            if dig(event, "choices", 0, "message") is not None:
                yield from in_one_piece(self._reply(request, event))
                return
            self._raise_reported(event)
            piece = scanner.feed(answer.add(event))
            if piece:
                yield Chunk(piece)
            if scanner.is_stopped:
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
        key = self._server.key()
        limit_field = _LIMIT_FIELDS.get(self._server.place, "max_tokens")
        body = {
            "model": self._endpoint.model,
            "messages": [message_wire(message) for message in request.messages],
            limit_field: request.max_tokens,
            **_options_wire(request),
        }
        if streamed:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return Sending("/chat/completions", headers, body)

    def _reply(self, request: Request, value: Any) -> Reply:
        self._raise_reported(value)
        message = dig(value, "choices", 0, "message")
        if message is None:
            raise ModelFailed(f"{self.name} gave no usable answer", why="it holds no message")
        answer = _Answer()
        answer.take(value, message)
        return answer.reply(request, self._endpoint)

    def _raise_reported(self, value: Any) -> None:
        reported = dig(value, "error")
        if reported:
            said = dig_text(reported, "message") or dig_text(value, "error")
            raise server_error(self.name, said, dig_text(reported, "type"))


@dataclass(slots=True)
class _PartialCall:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class _Answer:
    """An answer as it is put together from one message or from many deltas."""

    text: str = ""
    calls: dict[int, _PartialCall] = field(default_factory=dict[int, _PartialCall])
    finish: str = ""
    model: str = ""
    usage: Any = None

    def add(self, event: Any) -> str:
        """Take one streamed event; the text that it brings."""
        return self.take(event, dig(event, "choices", 0, "delta"))

    def take(self, value: Any, message: Any) -> str:
        self.model = dig_text(value, "model") or self.model
        self.usage = dig(value, "usage") or self.usage
        self.finish = dig_text(value, "choices", 0, "finish_reason") or self.finish
        for position, call in enumerate(dig_list(message, "tool_calls")):
            self._take_call(call, position)
        piece = _content(dig(message, "content"))
        self.text += piece
        return piece

    def _take_call(self, value: Any, position: int) -> None:
        index = dig_count(value, "index")
        call = self.calls.setdefault(position if index is None else index, _PartialCall())
        call.id = dig_text(value, "id") or call.id
        name = dig_text(value, "function", "name")
        # Some servers repeat the name with every piece, others cut it into pieces.
        call.name = call.name if name == call.name else call.name + name
        arguments = dig(value, "function", "arguments")
        if isinstance(arguments, str):
            call.arguments += arguments
        elif isinstance(arguments, Mapping):
            call.arguments += json.dumps(arguments)

    def reply(self, request: Request, endpoint: Endpoint) -> Reply:
        text = until_stop(self.text, request.stop)
        calls = tuple(
            ToolCall(
                call.id or f"call_{index}",
                call.name,
                arguments_of(call.arguments, call.name, endpoint.name),
            )
            for index, call in sorted(self.calls.items())
        )
        finish = Finish.TOOLS if calls else _FINISHES.get(self.finish, Finish.STOP)
        return Reply(
            text=text,
            tool_calls=calls,
            usage=self._usage(request),
            finish=finish,
            model=self.model or endpoint.model,
        )

    def _usage(self, request: Request) -> Usage:
        prompt = dig_count(self.usage, "prompt_tokens")
        completion = dig_count(self.usage, "completion_tokens")
        if prompt is None or completion is None:
            return Usage(rough_prompt_tokens(request), rough_tokens(self.text), exact=False)
        cached = dig_count(self.usage, "prompt_tokens_details", "cached_tokens") or 0
        return Usage(prompt, completion, cached)


def _content(value: Any) -> str:
    """Text, or the texts in a list of parts, which some servers send."""
    if isinstance(value, str):
        return value
    return "".join(dig_text(part, "text") for part in dig_list(value))


def message_wire(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"role": str(message.role), "content": message.content}
    if message.tool_calls:
        found["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        found["tool_call_id"] = message.tool_call_id
    return found


def _options_wire(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.stop:
        found["stop"] = list(request.stop)
    if request.temperature is not None:
        found["temperature"] = request.temperature
    if request.seed is not None:
        found["seed"] = request.seed
    if request.tools:
        found["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                },
            }
            for tool in request.tools
        ]
    if request.schema is not None:
        schema = dict(request.schema)
        form = {"name": "answer", "schema": schema, "strict": is_strict(schema)}
        found["response_format"] = {"type": "json_schema", "json_schema": form}
    return found

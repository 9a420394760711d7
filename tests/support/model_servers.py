"""A server on loopback that speaks Chat Completions and Messages, well or in a chosen bad way.

The name of the model in a request chooses the behaviour: `good` answers as a well-behaved server
would, and each other name breaks one thing. What was asked is kept for tests to look at.
"""

import contextlib
import json
import random
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from quintet.models.dialect import BOUNDS
from quintet.models.grammar import compile_grammar
from support.gbnf_reader import Grammar

KEY_ECHO = "Incorrect API key provided: sk-test-0123456789abcdefghij"
STATUS = {
    "busy": (429, {"error": {"message": "rate limit reached"}}),
    "very-busy": (429, {"error": {"message": "rate limit reached"}}),
    "overloaded": (
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}},
    ),
    "down": (500, {"error": {"message": "internal error \x1b[31mred\u202e"}}),
    "unauthorised": (401, {"error": {"message": KEY_ECHO}}),
    "missing": (404, {"error": "model 'missing' not found, try pulling it first"}),
    "too-long": (400, {"error": {"message": "This model's maximum context length is 8 tokens"}}),
    "refuses": (400, {"detail": [{"loc": ["body"], "msg": "temperature is not supported"}]}),
}


class ModelServer:
    """Runs while its `with` block does."""

    def __enter__(self) -> "ModelServer":
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    owner: ModelServer

    def log_message(self, *_: object) -> None:
        return

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        body = json.loads(raw)
        self.owner.bodies.append(body)
        self.owner.headers.append({name.lower(): value for name, value in self.headers.items()})
        speak = {"/v1/chat/completions": OpenAiSpeech, "/v1/messages": AnthropicSpeech}.get(
            self.path
        )
        if speak is None:
            self._send_json(404, {"error": {"message": f"no such path {self.path}"}})
            return
        with contextlib.suppress(ConnectionError):
            self._behave(body["model"], speak(body))

    def _behave(self, model: str, speech: "OpenAiSpeech | AnthropicSpeech") -> None:
        times = sum(body["model"] == model for body in self.owner.bodies)
        if model == "busy-once" and times == 1:
            self._send_json(429, {"error": {"message": "soon"}}, ("Retry-After", "0"))
        elif model == "no-schema" and speech.wants_schema:
            self._send_json(
                400, {"error": {"message": "response_format/output_config unsupported"}}
            )
        elif model in STATUS:
            wait = ("Retry-After", "3600" if model == "very-busy" else "0")
            self._send_json(*STATUS[model], wait)
        elif model == "html":
            self._send(200, "text/html", b"<html>It works!</html>")
        elif model == "slow":
            self.owner.stopping.wait(30)
        elif model == "silent":
            self.close_connection = True
        elif speech.streamed and model != "whole":
            self._stream(model, speech)
        else:
            self._answer(model, speech)

    def _answer(self, model: str, speech: "OpenAiSpeech | AnthropicSpeech") -> None:
        value = speech.whole()
        if model == "no-usage":
            del value["usage"]
        data = json.dumps(value).encode()
        if model == "garbage":
            data = b'{"choices": [{"mess\xff'
        if model == "shapeless":
            data = b'{"choices": "none", "content": 5, "usage": [], "model": {}}'
        if model == "midway":
            data = json.dumps({"error": {"message": "it broke midway"}}).encode()
        if model == "cut":
            self._send(200, "application/json", data, declared=len(data) + 100)
        else:
            self._send(200, "application/json", data)

    def _stream(self, model: str, speech: "OpenAiSpeech | AnthropicSpeech") -> None:
        events = list(speech.events())
        if model == "no-usage":
            events = [event for event in map(_without_usage, events) if event]
        if model in ("cut", "garbage", "endless"):
            events = events[: len(events) // 2]
        if model == "midway":
            error = {"type": "error", "error": {"type": "api_error", "message": "it broke midway"}}
            events[len(events) // 2 :] = [error]
        if model == "shapeless":
            events = [{"choices": "none", "type": 5, "delta": []}]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.end_headers()
        for event in events:
            self._event(model, speech, event)
        if model == "garbage":
            self.wfile.write(b"data: {\xff nonsense\n\n")
        if model == "endless":
            while not self.owner.stopping.is_set():
                self._event(model, speech, speech.piece("x" * 1000))
        if speech.ends_with_done and model not in ("cut", "no-done"):
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, model: str, speech: "OpenAiSpeech | AnthropicSpeech", event: Any) -> None:
        data = f"{speech.prefix(event)}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
        if model != "split":
            self.wfile.write(data)
            return
        # One byte at a time, so that characters, lines and events arrive in pieces.
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            self.wfile.flush()
            time.sleep(0.0001)

    def _send_json(self, status: int, value: Any, *headers: tuple[str, str]) -> None:
        self._send(status, "application/json", json.dumps(value).encode(), headers=headers)

    def _send(self, status, kind, data, *, headers=(), declared=None) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(declared or len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True


def _without_usage(event: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_usage(value) if isinstance(value, dict) else value
        for name, value in event.items()
        if name != "usage"
    }


def _with_bounds(schema: Any) -> Any:
    """A model that reads descriptions keeps to the bounds that stand in them."""
    if isinstance(schema, list):
        return [_with_bounds(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _with_bounds(inner) for name, inner in schema.items()}
    told = found.get("description", "")
    if isinstance(told, str) and BOUNDS in told:
        found |= json.loads(told.partition(BOUNDS)[2])
    return found


class _Speech:
    """What the server has to say to a request, in neither format yet."""

    prompt_tokens = 11

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.streamed = bool(body.get("stream"))
        self.wants_schema = self.schema() is not None
        self.calls = self._calls()
        self.text, self.is_cut = self._text()

    def schema(self) -> dict[str, Any] | None:
        raise NotImplementedError

    def limit(self) -> int:
        return self.body.get("max_tokens") or self.body["max_completion_tokens"]

    def stops(self) -> list[str]:
        return self.body.get("stop") or self.body.get("stop_sequences") or []

    def _text(self) -> tuple[str, bool]:
        if self.wants_schema:
            grammar = Grammar.read(compile_grammar(self.schema()))
            text = grammar.sample(random.Random(json.dumps(self.body["messages"])), 60)
            return text, False
        if self.calls:
            return "", False
        last = self.body["messages"][-1]
        text = f"You said: {json.dumps(last['content'], ensure_ascii=False)} – möglich 🙂 indeed."
        for stop in self.stops():
            text = text.partition(stop)[0]
        words = text.split(" ")
        return " ".join(words[: self.limit()]), len(words) > self.limit()

    def _calls(self) -> list[tuple[str, dict[str, Any]]]:
        last = self.body["messages"][-1]
        if not self.tools() or last["role"] != "user" or not isinstance(last["content"], str):
            return []
        rng = random.Random(0)
        return [
            (name, json.loads(Grammar.read(compile_grammar(schema)).sample(rng, 60)))
            for name, schema in self.tools()
        ]

    def tools(self) -> list[tuple[str, dict[str, Any]]]:
        raise NotImplementedError

    @property
    def pieces(self) -> list[str]:
        return [self.text[at : at + 5] for at in range(0, len(self.text), 5)]

    @property
    def completion_tokens(self) -> int:
        return len(self.text.split(" ")) if self.text else 0


class OpenAiSpeech(_Speech):
    ends_with_done = True

    def schema(self):
        return (self.body.get("response_format") or {}).get("json_schema", {}).get("schema")

    def tools(self):
        functions = [tool["function"] for tool in self.body.get("tools", [])]
        return [(function["name"], function["parameters"]) for function in functions]

    def prefix(self, event: Any) -> str:
        return ""

    def piece(self, text: str) -> Any:
        return self._chunk({"content": text})

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.calls:
            message["tool_calls"] = [
                {
                    "id": f"call_{n}",
                    "type": "function",
                    "function": {"name": name, "arguments": json.dumps(arguments)},
                }
                for n, (name, arguments) in enumerate(self.calls)
            ]
        choice = {"index": 0, "message": message, "finish_reason": self._finish()}
        return {"model": "fake-1", "choices": [choice], "usage": self._usage()}

    def events(self) -> Iterator[dict[str, Any]]:
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in self.pieces:
            yield self._chunk({"content": piece})
        for n, (name, arguments) in enumerate(self.calls):
            start = {"index": n, "id": f"call_{n}", "function": {"name": name, "arguments": ""}}
            yield self._chunk({"tool_calls": [start]})
            text = json.dumps(arguments)
            for at in range(0, len(text), 3):
                piece = {"index": n, "function": {"arguments": text[at : at + 3]}}
                yield self._chunk({"tool_calls": [piece]})
        yield self._chunk({}, self._finish())
        yield {"model": "fake-1", "choices": [], "usage": self._usage()}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"model": "fake-1", "choices": [choice]}

    def _finish(self) -> str:
        return "tool_calls" if self.calls else "length" if self.is_cut else "stop"

    def _usage(self) -> dict[str, int]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
        }


class AnthropicSpeech(_Speech):
    ends_with_done = False

    def schema(self):
        schema = self.body.get("output_config", {}).get("format", {}).get("schema")
        return None if schema is None else _with_bounds(schema)

    def tools(self):
        return [(tool["name"], tool["input_schema"]) for tool in self.body.get("tools", [])]

    def prefix(self, event: Any) -> str:
        return f"event: {event.get('type')}\n"

    def piece(self, text: str) -> Any:
        delta = {"type": "text_delta", "text": text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    def whole(self) -> dict[str, Any]:
        content: list[Any] = [{"type": "text", "text": self.text}] if self.text else []
        content += [
            {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": arguments}
            for n, (name, arguments) in enumerate(self.calls)
        ]
        usage = {"input_tokens": self.prompt_tokens, "output_tokens": self.completion_tokens}
        return {
            "type": "message",
            "role": "assistant",
            "model": "fake-1",
            "content": content,
            "stop_reason": self._finish(),
            "usage": usage,
        }

    def events(self) -> Iterator[dict[str, Any]]:
        usage = {"input_tokens": self.prompt_tokens, "output_tokens": 1}
        yield {"type": "message_start", "message": {"model": "fake-1", "usage": usage}}
        yield {"type": "ping"}
        index = 0
        if self.text:
            yield self._start(0, {"type": "text", "text": ""})
            yield from map(self.piece, self.pieces)
            yield {"type": "content_block_stop", "index": 0}
            index = 1
        for n, (name, arguments) in enumerate(self.calls, index):
            block = {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": {}}
            yield self._start(n, block)
            text = json.dumps(arguments)
            for at in range(0, len(text), 3):
                delta = {"type": "input_json_delta", "partial_json": text[at : at + 3]}
                yield {"type": "content_block_delta", "index": n, "delta": delta}
            yield {"type": "content_block_stop", "index": n}
        done = {"output_tokens": self.completion_tokens}
        yield {"type": "message_delta", "delta": {"stop_reason": self._finish()}, "usage": done}
        yield {"type": "message_stop"}

    def _start(self, index: int, block: dict[str, Any]) -> dict[str, Any]:
        return {"type": "content_block_start", "index": index, "content_block": block}

    def _finish(self) -> str:
        return "tool_use" if self.calls else "max_tokens" if self.is_cut else "end_turn"

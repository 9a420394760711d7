"""Traced runs, and a collector on loopback that reads with OpenTelemetry's own code."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan

from quintet.app.home import App
from quintet.engines.code.adapters.child import run_limited
from quintet.models.port import Message, Request, Role
from quintet.platform.policy.label import Label
from quintet.platform.trace import conventions as words
from quintet.platform.trace.span import Span, begin, span
from quintet.platform.trace.told import Told
from support.process import AI, environment

SECRET = "sk-proj-0123456789abcdefghijklmnop"
PROMPT = f"What does invoice 4711 say? The key is {SECRET}."


@dataclass
class Collector:
    """Takes spans over OTLP/HTTP, in the encoding of protocol buffers."""

    status: int = 200
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def spans(self) -> list[ProtoSpan]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @contextmanager
    def running(self) -> Iterator["Collector"]:
        handler = type("Handler", (_Handler,), {"owner": self})
        server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        assert self.path == "/v1/traces", self.path
        self.owner.headers.append({k.lower(): v for k, v in self.headers.items()})
        self.owner.bodies.append(body)
        if self.owner.status == 200:
            request = ExportTraceServiceRequest()
            request.ParseFromString(body)
            self.owner.requests.append(request)
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(self.owner.status)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def traced(app: App, *verb: str, line: tuple[str, ...] = ()) -> Iterator[Span]:
    """A command that does what the block does."""
    root = app.traces.begin(verb or ("demo",), ("--quiet",), line)
    with root.active():
        yield root
    app.traces.end(root, 0)


def app_at(home: Path, *given: str, **env: str) -> App:
    """An installation that has been used before, so that it keeps traces."""
    home.mkdir(exist_ok=True)
    app = App({**environment(home), **env}, cwd=home, given=given)
    assert app.data_dir.is_dir()
    return app


def write_script(home: Path, *answers: str) -> str:
    """The spec of a model that gives these answers."""
    home.mkdir(exist_ok=True)
    script = home / "script.jsonl"
    script.write_text("".join(f'"{answer}"\n' for answer in answers))
    return f"scripted:{script}"


def model_tool_and_subprocess(app: App, model: str, url: str = "") -> None:
    """A run that uses one of each: a tool for a model asks another model and starts a program.

    The program is `ai` itself, which joins the run.
    """
    question = Request((Message(Role.USER, PROMPT, labels=frozenset({Label.MINE})),), max_tokens=50)
    with span("plan the work"):
        app.models.chat(model, group="code").complete(question)
    with begin(words.execute_tool("run_tests", "call_1")) as tool:
        tool.offer(words.TOOL_ARGUMENTS, lambda: '{"path": "invoice.txt"}', {Label.UNTRUSTED})
        env = {name: app.env[name] for name in ("HOME", "PATH", "PYTHONPATH", "LANG")}
        ended = run_limited([*AI, "log"], cwd=app.cwd, env=env, timeout_s=60)
        assert ended.status == 0, ended.output
        for chunk in app.models.chat(url or model, group="code").stream(question):
            del chunk
        failing = [sys.executable, "-c", "raise SystemExit(3)"]
        assert run_limited(failing, cwd=app.cwd, env=env, timeout_s=60).status == 3


def told(
    number: int,
    parent: int = 0,
    *,
    name: str = "work",
    kind: words.Kind = words.Kind.STEP,
    began_ns: int = 1_000,
    ended_ns: int = 2_000,
    **attributes: words.Value,
) -> Told:
    """A span as it was written down; numbers are ids."""
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    return Told(
        trace_id=f"{1:032x}",
        span_id=f"{number:016x}",
        parent_id=f"{parent:016x}" if parent else "",
        name=name,
        kind=kind,
        began_ns=began_ns,
        ended_ns=ended_ns,
        attributes=named,
        size_bytes=100,
    )


def line_of(span: Told) -> bytes:
    """A span as a line of the spool, whatever stands in it."""
    line = {
        "t": span.trace_id,
        "s": span.span_id,
        "p": span.parent_id,
        "n": span.name,
        "k": span.kind,
        "b": span.began_ns,
        "e": span.ended_ns,
        "a": span.attributes,
    }
    return json.dumps(line).encode()

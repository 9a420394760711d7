"""What a collector gets: OpenTelemetry's own form, once, and only by the rules."""

import time
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from quintet.models.port import Message, Request, Role
from quintet.platform.policy.label import Label
from quintet.platform.trace import conventions as words
from quintet.platform.trace.export import BadHeaders, NoEndpoint, endpoint_of, headers_of
from quintet.platform.trace.span import begin
from support.model_servers import ModelServer
from support.terminal import Terminal
from support.traces import (
    SECRET,
    Collector,
    app_at,
    model_tool_and_subprocess,
    traced,
    write_script,
)


def allow(terminal: Terminal, port: int) -> None:
    words = ("--port", str(port), "--purpose", "trace", "--data", "private", "--yes")
    assert terminal.ai("policy", "allow", "127.0.0.1", *words).status == 0


def attributes(span: ProtoSpan) -> dict[str, object]:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes
    }


@pytest.fixture
def collector():
    with Collector().running() as running:
        yield running


@pytest.fixture
def user(tmp_path: Path, collector: Collector) -> Terminal:
    """Somebody with a collector that a rule allows."""
    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(home)
    terminal.ai("config", "set", "trace.endpoint", collector.url)
    allow(terminal, collector.port)
    return terminal


@pytest.mark.demand("TRACE-7")
def test_a_receiver_decodes_a_run_with_a_model_a_tool_and_a_program(
    user: Terminal, collector: Collector
) -> None:
    model = write_script(user.home, "a", "b")
    with ModelServer() as server:
        app = app_at(user.home)
        with traced(app, "code", "fix"):
            model_tool_and_subprocess(app, model, f"openai:good@{server.url}")
    run = user.ai("trace", "list", "--json").json["runs"][0]["run"]
    result = user.ai("trace", "export", run, "--json")
    assert (result.status, result.json["sent"]) == (0, 9), result
    (resource,) = collector.requests[0].resource_spans
    assert attributes(resource.resource)["service.name"] == "ai"
    assert resource.scope_spans[0].schema_url == words.SCHEMA_URL
    spans = {span.name: span for span in collector.spans}
    assert spans["chat good"].kind == ProtoSpan.SPAN_KIND_CLIENT
    call = attributes(spans["chat good"])
    assert (call["gen_ai.provider.name"], call["gen_ai.usage.output_tokens"]) == ("openai", 15)
    assert call["gen_ai.response.finish_reasons"].values[0].string_value == "stop"
    tool = spans["execute_tool run_tests"]
    assert spans["chat good"].parent_span_id == tool.span_id
    assert spans["POST"].parent_span_id == spans["chat good"].span_id
    assert spans["ai code fix"].parent_span_id == b""
    assert len({span.trace_id for span in collector.spans}) == 1
    failed = [s for s in collector.spans if s.status.code == Status.STATUS_CODE_ERROR]
    assert [s.status.message for s in failed] == ["exit.3"]
    for span in collector.spans:
        assert len(span.trace_id) == 16
        assert len(span.span_id) == 8
        assert span.end_time_unix_nano > span.start_time_unix_nano > 1_600_000_000 * 10**9


@pytest.mark.demand("TRACE-7")
def test_nothing_is_sent_without_a_rule(terminal: Terminal, collector: Collector) -> None:
    terminal.ai("config", "set", "trace.endpoint", collector.url)
    terminal.ai("config", "set", "trace.export", "true")
    refused = terminal.ai("trace", "export")
    assert refused.status == 5
    assert f"--port {collector.port} --purpose trace --data private" in refused.err
    assert collector.bodies == []


@pytest.mark.demand("TRACE-7")
def test_what_was_sent_is_not_sent_again_unless_its_run_is_named(
    user: Terminal, collector: Collector
) -> None:
    user.ai("life", "brief")
    assert user.ai("trace", "export", "--json").json["sent"] > 0
    ids = {span.span_id for span in collector.spans}
    user.ai("trace", "export")
    assert len({span.span_id for span in collector.spans}) == len(collector.spans) > len(ids)
    before = len(collector.spans)
    user.ai("trace", "export", user.ai("trace", "list", "--json").json["runs"][0]["run"])
    assert len(collector.spans) > before


@pytest.mark.demand("TRACE-8")
def test_each_command_can_send_its_own_trace_when_it_ends(
    user: Terminal, collector: Collector
) -> None:
    user.ai("config", "set", "trace.export", "true")
    collector.requests.clear()
    assert user.ai("life", "brief").status == 0
    assert [s.name for s in collector.spans][-1] == "ai life brief"
    sent = user.ai("store", "sql", "trace", "SELECT name, sent_at IS NULL FROM spans", "--json")
    assert ["ai life brief", False] in sent.json["rows"]


@pytest.mark.demand("TRACE-8")
def test_a_collector_that_is_down_fails_no_command_and_gets_its_spans_later(
    user: Terminal, collector: Collector
) -> None:
    user.ai("config", "set", "trace.export", "true")
    port = collector.port
    user.ai("config", "set", "trace.endpoint", "http://127.0.0.1:9")
    allow(user, 9)
    assert user.ai("life", "brief").status == 0
    refused = user.ai("trace", "export")
    assert refused.status == 9, refused.err
    assert "127.0.0.1:9" in refused.err
    user.ai("config", "set", "trace.endpoint", f"http://127.0.0.1:{port}")
    collector.requests.clear()
    assert user.ai("trace", "export").status == 0
    assert "ai life brief" in [span.name for span in collector.spans]


@pytest.mark.demand("TRACE-8")
def test_a_collector_that_never_answers_delays_a_command_by_its_limit_at_most(
    tmp_path: Path,
) -> None:
    from support.rawserver import RawServer

    def silent(connection) -> None:
        connection.settimeout(5)
        while connection.recv(1 << 16):
            pass

    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(home)
    with RawServer(silent) as server:
        terminal.ai("config", "set", "trace.endpoint", server.url)
        allow(terminal, server.port)
        terminal.ai("config", "set", "trace.export_timeout_s", "0.2")
        terminal.ai("config", "set", "trace.export", "true")
        app = app_at(home)
        root = app.traces.begin(("life", "brief"), (), ())
        began_s = time.monotonic()
        app.traces.end(root, 0)
        assert time.monotonic() - began_s < 2.0


@pytest.mark.demand("TRACE-8")
@pytest.mark.parametrize("status", [400, 401, 404, 415, 500, 503])
def test_a_collector_that_refuses_is_named_with_its_answer(
    user: Terminal, collector: Collector, status: int
) -> None:
    user.ai("life", "brief")
    collector.status = status
    refused = user.ai("trace", "export")
    assert refused.status == 1
    assert str(status) in refused.err
    collector.status = 200
    assert user.ai("trace", "export").status == 0


@pytest.mark.demand("TRACE-2")
def test_content_from_outside_stays_here(user: Terminal, collector: Collector) -> None:
    user.ai("config", "set", "trace.content", "true")
    model = write_script(user.home, "an answer")
    app = app_at(user.home)
    with traced(app, "code", "ask"):
        for label in (Label.MINE, Label.UNTRUSTED):
            message = Message(Role.USER, f"these are {label} words", labels=frozenset({label}))
            app.models.chat(model, group="code").complete(Request((message,), max_tokens=9))
        with begin(words.execute_tool("fetch")) as tool:
            tool.offer(words.TOOL_RESULT, lambda: "words without a label")
    result = user.ai("trace", "export", "--json").json
    assert result["withheld"] == 2
    sent = b"".join(collector.bodies)
    assert b"these are mine words" in sent
    assert b"untrusted words" not in sent
    assert b"words without a label" not in sent
    assert SECRET.encode() not in sent


def test_where_it_goes_and_what_it_carries_can_come_from_the_usual_variables(
    tmp_path: Path, collector: Collector
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "X-Key=a%20b, x-other=c",
    }
    terminal = Terminal(home, extra_env=variables)
    allow(terminal, collector.port)
    assert terminal.ai("trace", "export").status == 0
    assert collector.headers[0]["x-key"] == "a b"
    assert collector.headers[0]["x-other"] == "c"
    assert collector.headers[0]["content-type"] == "application/x-protobuf"
    assert "a b" not in "".join(p.read_text() for p in home.rglob("*.jsonl"))


def test_the_address_is_read_as_the_specification_says() -> None:
    assert endpoint_of("http://a:1", {}) == "http://a:1/v1/traces"
    assert endpoint_of("http://a:1/v1/traces/", {}) == "http://a:1/v1/traces"
    own = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/x"}
    assert endpoint_of("", {**own, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}) == "http://b/x"
    assert endpoint_of("http://a", own) == "http://a/v1/traces"
    with pytest.raises(NoEndpoint):
        endpoint_of("", {})


@pytest.mark.parametrize("text", ["secret-without-a-name", "=x", "a=1,b"])
def test_headers_that_cannot_be_read_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadHeaders) as caught:
        headers_of({"OTEL_EXPORTER_OTLP_HEADERS": text})
    assert text not in str(caught.value.what + caught.value.why + caught.value.hint)


@pytest.mark.parametrize("url", ["ftp://a", "nonsense", "http://", "http://127.1:4318"])
def test_an_address_that_is_none_is_refused(terminal: Terminal, url: str) -> None:
    terminal.ai("life", "brief")
    result = terminal.ai("trace", "export", "--config", f"trace.endpoint={url}")
    assert result.status in (2, 5)
    assert "error:" in result.err

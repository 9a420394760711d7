"""Whatever is written down as a trace is folded, drawn and sent without harm."""

import json
import math
import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from quintet.platform.clock import FakeClock
from quintet.platform.rng import SystemRng
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from quintet.platform.trace.archive import Archive
from quintet.platform.trace.conventions import OTLP_KINDS, Kind, Shape
from quintet.platform.trace.line import encode
from quintet.platform.trace.otlp import export_request
from quintet.platform.trace.page import page
from quintet.platform.trace.settings import TraceSettings
from quintet.platform.trace.span import span as below
from quintet.platform.trace.spool import Spool
from quintet.platform.trace.told import Told, decode
from quintet.platform.trace.tracer import Tracer
from quintet.platform.trace.waterfall import rows_of
from support.traces import line_of, told

TEXTS = st.text(max_size=30) | st.sampled_from(["\x1b[31m", "\u202e", "\ud800", "<b>", "$run", "'"])
VALUES = (
    TEXTS
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(TEXTS, max_size=3).map(tuple)
)
TIMES = st.integers(0, 2**60)
SPANS = st.builds(
    lambda number, parent, name, kind, began, ended, attributes: Told(
        **{
            **{f: getattr(told(number, parent), f) for f in ("trace_id", "span_id", "parent_id")},
            "name": name,
            "kind": kind,
            "began_ns": began,
            "ended_ns": ended,
            "attributes": attributes,
            "size_bytes": 10,
        }
    ),
    st.integers(1, 8),
    st.integers(0, 9),
    TEXTS,
    st.sampled_from(Kind),
    TIMES,
    TIMES,
    st.dictionaries(st.text(string.ascii_letters + ".\u202e", min_size=1, max_size=9), VALUES),
)


@given(st.lists(SPANS, min_size=1, max_size=12))
@pytest.mark.demand("TRACE-9")
def test_any_spans_at_all_are_drawn_each_once(spans: list[Told]) -> None:
    rows = rows_of(spans)
    assert {row.span.span_id for row in rows} == {span.span_id for span in spans}
    assert len(rows) == len({span.span_id for span in spans})
    for row in rows:
        assert 0 <= row.start <= 1
        assert 0 <= row.share <= 1
        assert row.duration_ms >= 0
    by_id = {row.span.span_id: (place, row) for place, row in enumerate(rows)}
    for place, row in enumerate(rows):
        if row.depth:
            above = by_id[row.span.parent_id]
            assert above[0] < place
            assert above[1].depth == row.depth - 1
    text = page(spans)
    assert text.count("<details") == len(rows)
    assert "\x1b" not in text
    assert "\u202e" not in text


@given(st.lists(SPANS, min_size=1, max_size=6))
@pytest.mark.demand("TRACE-7")
def test_any_spans_at_all_are_read_by_the_official_code(spans: list[Told]) -> None:
    request = ExportTraceServiceRequest()
    request.ParseFromString(export_request(spans, {"service.name": "ai"}, "1"))
    (scope,) = request.resource_spans[0].scope_spans
    for sent, span in zip(scope.spans, spans, strict=True):
        assert sent.trace_id.hex() == span.trace_id
        assert sent.parent_span_id.hex() == span.parent_id
        assert sent.name == span.name.encode("utf-8", "replace").decode()
        assert sent.kind == OTLP_KINDS[span.kind]
        assert (sent.start_time_unix_nano, sent.end_time_unix_nano) == (
            span.began_ns,
            span.ended_ns,
        )
        assert len(sent.attributes) == len(span.attributes)
        for pair, value in zip(sent.attributes, span.attributes.values(), strict=True):
            if isinstance(value, bool):
                assert pair.value.bool_value is value
            elif isinstance(value, int):
                assert pair.value.int_value == value
            elif isinstance(value, float):
                assert math.isclose(pair.value.double_value, value)


@given(SPANS)
def test_a_line_says_what_was_written(span: Told) -> None:
    read = decode(line_of(span))
    assert isinstance(read, Told)
    assert (read.span_id, read.began_ns, read.ended_ns) == (
        span.span_id,
        span.began_ns,
        span.ended_ns,
    )
    json.dumps(read.attributes).encode("utf-8")
    read.name.encode("utf-8")


@given(SPANS, st.data())
@pytest.mark.demand("TRACE-5")
def test_a_line_that_was_cut_anywhere_counts_as_none(span: Told, data: st.DataObject) -> None:
    line = line_of(span)
    assert decode(line[: data.draw(st.integers(0, len(line) - 1))]) is None


@given(st.binary(max_size=200) | st.recursive(VALUES, st.lists).map(lambda v: repr(v).encode()))
@pytest.mark.demand("TRACE-5")
def test_a_line_of_anything_is_none_or_a_span(line: bytes) -> None:
    assert decode(line) is None


@given(
    st.dictionaries(
        st.sampled_from(["t", "s", "p", "n", "k", "b", "e", "a", "sent", "at"]),
        st.none() | VALUES | st.just({"a": [1, None]}) | st.just([[1]]) | st.just("http"),
    )
)
@pytest.mark.demand("TRACE-5")
def test_an_object_of_anything_is_none_or_a_span(fields: dict[str, object]) -> None:
    decode(json.dumps(fields).encode())


@settings(max_examples=15)
@given(st.lists(st.lists(SPANS, max_size=6), min_size=1, max_size=3))
def test_any_tree_of_spans_is_folded(batches: list[list[Told]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "trace"
        spool = Spool(folder)
        database = Database("trace", folder, load_migrations("quintet.platform.trace"))
        settings = TraceSettings(keep_days=10**5)
        archive = Archive(spool, database, settings, FakeClock())
        for batch in batches:
            spool.write([line_of(span) for span in batch] or [b"torn"])
            archive.fold()
        every = [span for batch in batches for span in batch]
        found = archive.spans(f"{1:032x}")
        assert {span.span_id for span in found} == {span.span_id for span in every}
        ended = {span.span_id for span in every if span.ended_ns}
        assert {span.span_id for span in found if span.ended_ns} == ended
        if found:
            page(found)
            assert len(archive.runs(5)) == 1


@given(st.recursive(st.just(None), lambda inner: st.lists(inner, max_size=3), max_leaves=12))
@pytest.mark.demand("TRACE-1")
def test_spans_stand_below_the_ones_that_they_were_begun_in(tree: object) -> None:
    lines: list[bytes] = []
    tracer = Tracer(
        lines.extend,
        clock=FakeClock(),
        rng=SystemRng(),
        parent=None,
        keeps_content=lambda group: False,
    )

    def grow(node: object, path: str) -> None:
        with below(path):
            for number, child in enumerate(node if isinstance(node, list) else []):
                grow(child, f"{path}.{number}")

    with tracer.root(Shape("0", Kind.COMMAND, {})):
        grow(tree, "0.0")
    tracer.finish()
    spans = {s.span_id: s for line in lines if isinstance(s := decode(line), Told) and s.ended_ns}
    for span in spans.values():
        above = spans[span.parent_id].name if span.parent_id else ""
        assert above == span.name.rpartition(".")[0]


def test_what_is_encoded_is_what_the_conventions_know() -> None:
    lines: list[bytes] = []
    tracer = Tracer(
        lines.extend,
        clock=FakeClock(),
        rng=SystemRng(),
        parent=None,
        keeps_content=lambda group: True,
    )
    root = tracer.root(Shape("x", Kind.COMMAND, {"unheard.of": "words"}))
    assert b"words" not in encode(root, keeps_content=False, mask=str)
    assert b"words" in encode(root, keeps_content=True, mask=str)

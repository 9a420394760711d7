"""Events are checked against what the workflow declares before anything looks at them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.ops.event import EventInvalid, parse_event
from quintet.engines.ops.workflow_file import parse_workflow

WORKFLOW = parse_workflow(
    b'workflow = 1\nname = "w"\n[trigger]\ntype = "t"\n[trigger.data]\nvendor = "text"\n'
    b'amount = "number"\nday = "date?"\nok = "boolean?"\nfile = "path?"\n'
    b'[steps.n]\naction = "note"\ntext = "hi"\n',
    Path("w.toml"),
)
DATA = {"vendor": "Acme", "amount": 12.10}


def event(**changes: object) -> bytes:
    return json.dumps({"id": "e-1", "type": "t", "data": DATA, **changes}).encode()


def data(**changes: object) -> bytes:
    return event(data={**DATA, **changes})


def test_a_good_event_is_read_with_exact_numbers() -> None:
    read = parse_event(b'{"id": "e", "data": {"vendor": "A", "amount": 0.10}}', WORKFLOW)
    assert read.fields["amount"] == Decimal("0.10")
    assert read.fields["event.id"] == "e"
    assert read.fields["event.type"] == "t"


def test_what_an_event_says_may_stand_beside_its_id() -> None:
    flat = parse_event(b'{"id": "e", "type": "t", "vendor": "A", "amount": 1}', WORKFLOW)
    assert (flat.id, flat.fields["vendor"]) == ("e", "A")


def test_what_the_workflow_did_not_declare_is_left_out() -> None:
    assert "secret" not in parse_event(data(secret="x"), WORKFLOW).fields


def test_an_event_without_id_is_known_by_its_content() -> None:
    def id_of(amount: int) -> str:
        body = {"data": {**DATA, "amount": amount}}
        return parse_event(json.dumps(body).encode(), WORKFLOW).id

    assert id_of(1) == id_of(1)
    assert id_of(1) != id_of(2)


def test_order_and_spaces_do_not_make_another_event() -> None:
    a = parse_event(b'{"id":"e","data":{"vendor":"A","amount":1}}', WORKFLOW)
    b = parse_event(b'{ "data": {"amount":1, "vendor":"A"}, "id":"e" }', WORKFLOW)
    assert a.digest == b.digest


@pytest.mark.demand("OPS-1")
@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "JSON"),
        (b"\xff", "JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "JSON"),
        (b"{}", "vendor is missing; amount is missing"),
        (b'{"data": 3}', "its 'data' is not an object"),
        (b'{"data": {"vendor": "a", "amount": NaN}}', "JSON"),
        (event(type="other"), "its type is 'other'"),
        (event(id=3), "its 'id' is not a text"),
        (event(id="a\nb"), "its 'id' is not a text"),
        (event(id="x" * 201), "longer"),
        (data(vendor=3), "vendor: it is not text"),
        (data(vendor="x" * 10_001), "longer"),
        (data(vendor="\ud800"), "Unicode"),
        (data(amount="12"), "amount: it is not a number"),
        (data(amount=True), "amount: it is not a number"),
        (data(amount=10**100), "out of range"),
        (event(data={"amount": 1}), "vendor is missing"),
        (data(day="24.11.2026"), "no date"),
        (data(day="2026-02-30"), "day"),
        (data(ok="yes"), "neither true nor false"),
        (data(file="../x"), "plain path"),
        (data(file="a//b"), "plain path"),
        (data(file=".ssh/id"), "plain path"),
        (b" " * ((1 << 20) + 1), "too large"),
    ],
)
def test_an_event_that_does_not_fit_is_refused_with_the_reason(raw: bytes, says: str) -> None:
    with pytest.raises(EventInvalid) as caught:
        parse_event(raw, WORKFLOW)
    assert says in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_are_refused(raw: bytes) -> None:
    with pytest.raises(EventInvalid):
        parse_event(raw, WORKFLOW)

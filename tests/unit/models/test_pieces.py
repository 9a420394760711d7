"""The small parts that adapters share: stop strings, counts, dialects, digging in foreign JSON."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quintet.models.dialect import closed, is_strict
from quintet.models.dig import dig, dig_count, dig_list, dig_text
from quintet.models.port import Message, Request, Role, Tool, ToolCall
from quintet.models.stops import StopScanner, until_stop
from quintet.models.tokens import prompt_tokens_at_most, rough_prompt_tokens, rough_tokens
from quintet.models.validation import problems
from quintet.platform.masking import MASK, masked, masked_value


@settings(max_examples=400, deadline=None)
@given(
    st.text("abc", max_size=30),
    st.lists(st.text("abc", min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(1, 5), max_size=30),
)
@example("aca", ["c", "aca"], [2])
@example("abc", ["bc", "abc"], [1, 1])
def test_a_text_in_pieces_stops_where_the_whole_text_does(text, stops, sizes):
    scanner, shown, at = StopScanner(stops), "", 0
    for size in [*sizes, len(text)]:
        shown += scanner.feed(text[at : at + size])
        at += size
        assert text.startswith(shown)
    shown += scanner.rest()
    assert shown == until_stop(text, stops)
    assert scanner.is_stopped == any(stop in text for stop in stops)
    assert not any(stop in shown for stop in stops)


@given(st.text(max_size=200))
def test_a_reservation_is_never_below_the_rough_count(text):
    call = ToolCall("1", "f", {"x": text})
    request = Request(
        (Message(Role.USER, text), Message(Role.ASSISTANT, "", (call,))),
        tools=(Tool("f", text, {"const": text}),),
    )
    assert prompt_tokens_at_most(request) >= rough_prompt_tokens(request)
    assert prompt_tokens_at_most(request) > len(text.encode("utf-8", "surrogatepass"))


def test_a_token_is_about_four_bytes():
    assert rough_tokens("") == 0
    assert rough_tokens("abcde") == 2


FLAT = {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (FLAT, True),
        ({"type": "string"}, True),
        ({**FLAT, "required": []}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"anyOf": [FLAT, {**FLAT, "additionalProperties": True}]}, False),
    ],
)
def test_the_strict_dialect_is_recognised(schema, strict):
    assert is_strict(schema) == strict


def test_a_closed_schema_tells_its_bounds_in_words():
    schema = {
        "type": "object",
        "properties": {
            "pattern": {"type": "integer", "minimum": 1, "description": "How many."},
            "const": {"const": {"minimum": 5}},
        },
        "$defs": {"minimum": {"type": "array", "items": {"maxLength": 2}, "maxItems": 3}},
    }
    found = closed(schema)
    assert found["additionalProperties"] is False
    assert found["properties"]["pattern"] == {
        "type": "integer",
        "description": 'How many. Bounds: {"minimum": 1}',
    }
    assert found["properties"]["const"] == {"const": {"minimum": 5}}
    assert found["$defs"]["minimum"]["items"] == {"description": 'Bounds: {"maxLength": 2}'}
    assert problems(found, {"pattern": 0}) == []


def test_digging_finds_what_is_there_and_nothing_else():
    value = {"a": [{"b": "text", "n": 3}], "flag": True, "minus": -1, "huge": 2**70}
    assert dig(value, "a", 0, "b") == "text"
    assert dig(value, "a", 1, "b") is None
    assert dig(value, "a", "b") is None
    assert dig(None, "a") is None
    assert dig_text(value, "a") == ""
    assert dig_count(value, "a", 0, "n") == 3
    assert [dig_count(value, name) for name in ("flag", "minus", "huge", "none")] == [None] * 4
    assert dig_list(value, "a") == [{"b": "text", "n": 3}]
    assert dig_list(value, "flag") == []


def test_masking_reaches_into_values():
    key = "sk-abcdefghijklmnop1234"
    value = {"list": [key, 5, None], key: ("x", key)}
    assert masked_value(value) == {"list": [MASK, 5, None], MASK: ["x", MASK]}


@given(st.text(max_size=300))
def test_masking_is_done_after_one_pass(text):
    assert masked(masked(text)) == masked(text)

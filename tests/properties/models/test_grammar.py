"""Whatever a compiled grammar generates is JSON that fits the schema it came from."""

import json
import math
import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from quintet.models.gbnf import NotExpressible
from quintet.models.grammar import compile_grammar
from quintet.models.schema import SchemaInvalid
from quintet.models.strict_json import parse_json
from quintet.models.validation import problems
from support.gbnf_reader import Grammar
from support.schemas import SCHEMAS

SLOW_DRAWS = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def grammar_of(schema: dict) -> Grammar:
    try:
        return Grammar.read(compile_grammar(schema))
    except (NotExpressible, SchemaInvalid):
        assume(False)
        raise


@pytest.mark.demand("MODELS-1")
@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_DRAWS)
@given(SCHEMAS, st.integers(0, 2**32))
def test_every_text_of_the_grammar_parses_and_validates(schema, seed):
    grammar = grammar_of(schema)
    rng = random.Random(seed)
    for _ in range(5):
        text = grammar.sample(rng)
        assert problems(schema, parse_json(text)) == [], text


BOUND = st.integers(-(10**5), 10**5) | st.decimals(-500, 500, places=2).map(float)


@settings(max_examples=200, deadline=None)
@given(low=BOUND, width=st.integers(0, 2000), value=st.integers(-(10**5), 10**5))
@example(low=0, width=99, value=99)
@example(low=-5, width=0, value=-5)
@example(low=-100, width=200, value=0)
def test_an_integer_is_accepted_exactly_when_it_lies_within_the_bounds(low, width, value):
    high = low + width
    assume(int(Decimal(str(high)) // 1) >= low)
    schema = {"type": "integer", "minimum": low, "maximum": high}
    grammar = grammar_of(schema)
    for number in (value, int(low), int(low) - 1, int(low) + 1, int(high), int(high) + 1):
        assert grammar.accepts(str(number)) == (low <= number <= high), number


@settings(max_examples=100, deadline=None)
@given(low=BOUND, width=st.integers(1, 500), share=st.integers(0, 100))
def test_numbers_between_the_bounds_can_be_said(low, width, share):
    high = Decimal(str(low)) + width
    schema = {"type": "number", "minimum": low, "maximum": float(high)}
    inside = Decimal(str(low)) + Decimal(width) * share / 100
    grammar = grammar_of(schema)
    assert grammar.accepts(f"{inside:.2f}" if inside else "0.00")
    assert grammar.accepts(str(math.floor(high)))
    assert not grammar.accepts(f"{high + 1:.2f}")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "maxLength": 5}, "größe"),
        ({"type": "string"}, 'with "quotes", \\ and\na line'),
        ({"type": "string", "pattern": r"^\d{4}-\d{2}$"}, "2026-11"),
        ({"type": "string", "pattern": "needle"}, "a needle here"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1, "b": 2}),
        ({"type": "array", "items": {"type": "null"}, "minItems": 2}, [None, None]),
        ({"properties": {"a": {}, "b": {}, "c": {}}}, {"c": [1, {"x": "y"}]}),
        ({"properties": {"a": {}, "b": {}}, "required": ["b"]}, {"a": 1, "b": 2}),
        ({"enum": ["x", 2, None, [1]]}, [1]),
        (
            {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/t"}], "$defs": {"t": {"const": "t"}}},
            "t",
        ),
        ({"type": "object", "properties": {"next": {"$ref": "#"}}}, {"next": {"next": {}}}),
        ({}, {"anything": [True, 1.5]}),
    ],
)
def test_what_the_schema_means_can_be_said(schema, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert Grammar.read(compile_grammar(schema)).accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"n": 1}',
        '{ "n":1}',
        '{"n":100}',
        '{"n":-1}',
        '{"n":01}',
        '{"n":1.0}',
        '{"n":1,"x":2}',
        "{}",
    ],
)
def test_what_the_schema_forbids_cannot_be_said(text):
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 99}},
        "required": ["n"],
    }
    assert not Grammar.read(compile_grammar(schema)).accepts(text)


@pytest.mark.parametrize("char", ["\n", "\x00", "\x1f", "\x7f", '"'])
def test_no_control_character_or_bare_quote_stands_in_a_text(char):
    assert not Grammar.read(compile_grammar({"type": "string"})).accepts(f'"a{char}b"')


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"type": "array", "items": False, "minItems": 1},
        {"enum": ["a"], "type": "integer"},
        {"type": "object", "properties": {"again": {"$ref": "#"}}, "required": ["again"]},
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        {"type": "object", "anyOf": [{"required": ["a"]}]},
        {"type": "string", "pattern": "^a+$", "maxLength": 3},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "^\x01$"},
        {"type": "string", "pattern": "^(a*)*$"},
        {"type": "object", "required": ["a"], "additionalProperties": False},
    ],
)
def test_a_schema_that_no_grammar_can_promise_is_refused(schema):
    with pytest.raises(NotExpressible):
        compile_grammar(schema)


def test_a_schema_with_many_optional_properties_stays_small():
    schema = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(300)}}
    assert len(compile_grammar(schema)) < 100_000

"""A shape says of a value what `jsonable` makes of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quintet_cli.jsonable import jsonable
from quintet_cli.shape import result_schema, schema_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    when: date | None
    colour: Colour
    where: Path


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    counts: dict[str, int]
    pair: tuple[int, str]
    names: frozenset[str]
    anything: Any


INNERS = st.builds(
    Inner,
    when=st.none() | st.dates(),
    colour=st.sampled_from(Colour),
    where=st.text(st.characters(exclude_characters="\0")).map(Path),
)
OUTERS = st.builds(
    Outer,
    inner=st.lists(INNERS, max_size=3).map(tuple),
    anything=st.none() | st.integers() | st.lists(st.text()),
)


@given(OUTERS)
def test_every_value_of_a_dataclass_fits_the_schema_of_it(value: Outer) -> None:
    Draft202012Validator(schema_of(Outer)).validate(jsonable(value))


@pytest.mark.parametrize(
    ("shape", "wrong"),
    [
        ({"a": int}, {"a": "1"}),
        ({"a": int}, {}),
        ({"a": int}, {"a": 1, "b": 2}),
        ([str], [1]),
        ((str, None), 1),
        (str | None, 1),
        (Colour, "green"),
        (Literal["a"], "b"),
        (dict[str, bool], {"a": 1}),
        (tuple[int, str], ["1", "2"]),
        (Inner, {"when": None, "colour": "red"}),
    ],
)
def test_a_value_of_another_shape_does_not_fit(shape: Any, wrong: Any) -> None:
    assert not Draft202012Validator(schema_of(shape)).is_valid(wrong)


def test_what_may_be_missing_is_not_required() -> None:
    schema = schema_of({"a": int, "b?": [str]})
    assert schema["required"] == ["a"]
    assert Draft202012Validator(schema).is_valid({"a": 1, "b": ["x"]})


def test_a_result_names_its_schema_and_a_list_becomes_its_items() -> None:
    schema = result_schema("days/1", [datetime])
    assert schema["required"] == ["schema", "items"]
    Draft202012Validator(schema).validate({"schema": "ai.days/1", "items": ["2026-03-02T09:30"]})


def test_a_type_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        schema_of(type("Odd", (), {}))

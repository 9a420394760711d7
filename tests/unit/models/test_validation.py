"""A value that breaks its schema is told where and how; a broken schema is told so too."""

import time

import pytest

from quintet.models.schema import SchemaInvalid, check_schema
from quintet.models.strict_json import JsonInvalid, parse_json
from quintet.models.validation import problems

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2},
        "born": {"type": "string", "pattern": r"^\d{4}$"},
        "boss": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Ada"},
        {"name": "größe", "age": 149, "tags": ["a", "b"], "born": "1815", "boss": None},
        {"name": "x", "age": 3.0, "boss": {"name": "y", "boss": {"name": "z"}}},
    ],
)
def test_a_value_that_fits_has_no_problems(value):
    check_schema(PERSON)
    assert problems(PERSON, value) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, "$.name: is missing"),
        ({"name": ""}, "$.name: must have at least 1 characters, not 0"),
        ({"name": "longer"}, "$.name: must have at most 5 characters, not 6"),
        ({"name": "x", "age": -1}, "$.age: must be at least 0, not -1"),
        ({"name": "x", "age": 150}, "$.age: must be below 150, not 150"),
        ({"name": "x", "age": 1.5}, "$.age: must be integer, not 1.5"),
        ({"name": "x", "age": True}, "$.age: must be integer, not true"),
        ({"name": "x", "tags": ["a", "c"]}, '$.tags[1]: must be one of "a", "b", not "c"'),
        ({"name": "x", "tags": ["a"] * 3}, "$.tags: must have at most 2 items, not 3"),
        ({"name": "x", "born": "15"}, r'$.born: must match ^\d{4}$, not "15"'),
        ({"name": "x", "a b": 1}, '$["a b"]: is not allowed'),
        ([], "$: must be object, not []"),
    ],
)
def test_a_problem_names_the_path_and_what_is_wrong(value, expected):
    assert [str(problem) for problem in problems(PERSON, value)] == [expected]


def test_of_several_alternatives_the_deepest_failure_is_told():
    (problem,) = problems(PERSON, {"name": "x", "boss": {"name": "y", "age": "old"}})
    assert problem.path == "$.boss.age"


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"const": 1}, 1.0, True),
        ({"enum": [[1, {"a": None}]]}, [1, {"a": None}], [1, {"a": 0}]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, 3, 7),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 2, 3),
        ({"exclusiveMinimum": 0.5}, 0.51, 0.5),
        ({"type": ["string", "null"]}, None, 0),
        ({"minItems": 1, "items": True}, [0], []),
        ({"additionalProperties": {"type": "boolean"}}, {"x": True}, {"x": 1}),
        (True, None, ...),
        (False, ..., None),
    ],
)
def test_every_supported_keyword_tells_good_from_bad(schema, good, bad):
    check_schema(schema)
    assert good is ... or problems(schema, good) == []
    assert bad is ... or problems(schema, bad) != []


@pytest.mark.parametrize(
    "schema",
    [
        [],
        "string",
        {"type": "text"},
        {"type": []},
        {"enum": []},
        {"anyOf": {}},
        {"properties": []},
        {"required": "name"},
        {"required": [1]},
        {"minLength": -1},
        {"maxItems": True},
        {"minimum": "1"},
        {"maximum": float("nan")},
        {"pattern": "("},
        {"pattern": 5},
        {"multipleOf": 3},
        {"properties": {"a": {"not": {}}}},
        {"$ref": "#/$defs/missing"},
        {"$ref": "https://example.org/schema"},
        {"$ref": 7},
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}},
        {"const": "\ud800"},
    ],
)
def test_a_schema_that_is_not_usable_is_refused_with_the_place(schema):
    with pytest.raises(SchemaInvalid) as caught:
        check_schema(schema)
    assert str(caught.value)


def nested(depth):
    schema = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


def test_a_schema_nested_without_end_is_refused():
    with pytest.raises(SchemaInvalid):
        check_schema(nested(5000))


def test_a_schema_of_very_many_parts_is_refused():
    with pytest.raises(SchemaInvalid):
        check_schema({"anyOf": [{"type": "string"}] * 20_000})


def test_alternatives_that_multiply_are_cut_off_in_time():
    parts = {f"p{n}": {"anyOf": [{"$ref": f"#/$defs/p{n + 1}"}] * 2} for n in range(45)}
    schema = {"$ref": "#/$defs/p0", "$defs": {**parts, "p45": {"type": "string"}}}
    check_schema(schema)
    began = time.process_time()
    with pytest.raises(SchemaInvalid):
        problems(schema, 1)
    assert time.process_time() - began < 10


def test_a_cycle_through_an_array_is_fine():
    schema = {"type": "array", "items": {"$ref": "#"}}
    check_schema(schema)
    assert problems(schema, [[], [[]]]) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "nope", "[1,]", "NaN", "[Infinity]", "1e999", '"\\ud800"', '"a\nb"', "[" * 5000,
     "[" * 150 + "]" * 150, "9" * 5000, '{"a":1} x', "\ufeff{}", "'a'"],
)  # fmt: skip
def test_a_text_that_is_not_strict_json_is_refused(text):
    with pytest.raises(JsonInvalid) as caught:
        parse_json(text)
    assert caught.value.why


def test_strict_json_is_read():
    assert parse_json(' {"a": [1, 2.5, "\\ud83d\\ude00", null]} ') == {"a": [1, 2.5, "😀", None]}

"""Random JSON Schemas of the kinds that replies and tools are described with."""

from hypothesis import strategies as st

NAMES = st.sampled_from(["name", "count", "größe", 'a"b', "x y", "tags", "price", "n"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-999, 999), TEXTS, st.just(1.5))
PATTERNS = st.sampled_from(
    [
        r"^\d{4}-\d{2}-\d{2}$",
        "^[a-z]+$",
        "ab|cd$",
        r'^(x|"y\\)*z?$',
        "^[^a-z]{2,3}$",
        r"\w@\w",
        "^.$",
    ]
)


@st.composite
def strings(draw):
    if draw(st.integers(0, 3)) == 0:
        return {"type": "string", "pattern": draw(PATTERNS)}
    schema, least = {"type": "string"}, draw(st.integers(0, 4))
    if draw(st.booleans()):
        schema["minLength"] = least
    if draw(st.booleans()):
        schema["maxLength"] = least + draw(st.integers(0, 8))
    return schema


@st.composite
def numbers(draw):
    kind = draw(st.sampled_from(["integer", "number"]))
    value = st.integers(-(10**6), 10**6)
    if kind == "number":
        value |= st.decimals(-1000, 1000, places=3).map(float)
    low = draw(value)
    schema = {"type": kind}
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        high = low + draw(st.integers(2, 3000))
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = high
    return schema


@st.composite
def arrays(draw, items):
    schema, least = {"type": "array"}, draw(st.integers(0, 2))
    if draw(st.booleans()):
        schema["items"] = draw(items)
    if draw(st.booleans()):
        schema["minItems"] = least
    if draw(st.booleans()):
        schema["maxItems"] = least + draw(st.integers(0, 3))
    return schema


@st.composite
def objects(draw, inner):
    properties = draw(st.dictionaries(NAMES, inner, max_size=4))
    schema = {"type": "object", "properties": properties}
    if properties and draw(st.booleans()):
        schema["required"] = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.one_of(st.booleans(), inner))
    return schema


def _deeper(inner):
    return st.one_of(
        arrays(inner),
        objects(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        st.sampled_from([{"$ref": "#/$defs/shared"}, {"$ref": "#"}]),
    )


PARTS = st.recursive(
    st.one_of(
        strings(),
        numbers(),
        st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}, {}]),
        st.lists(SCALARS, min_size=1, max_size=3).map(lambda options: {"enum": options}),
        SCALARS.map(lambda value: {"const": value}),
    ),
    _deeper,
    max_leaves=8,
)
SCHEMAS = st.builds(
    lambda root, shared: {**root, "$defs": {"shared": shared}}, objects(PARTS), PARTS
)

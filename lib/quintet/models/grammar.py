"""From a JSON Schema to a grammar that lets a model say nothing but values of that schema.

Strict where the converters of the runtimes are not: no free whitespace, no control characters,
numbers within their bounds, every text and list bounded so that a small model cannot run on for
ever. What the grammar generates always validates; a schema for which that cannot be promised is
refused with `NotExpressible`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, cast

from quintet.models import pattern
from quintet.models.gbnf import (
    DIGIT,
    EMPTY,
    Chars,
    Literal,
    Node,
    NotExpressible,
    Rule,
    alt,
    chars,
    complement,
    intersection,
    lengths,
    optional,
    render,
    repeat,
    require_finite,
    seq,
)
from quintet.models.port import JsonSchema
from quintet.models.schema import ANNOTATIONS, COMBINATIONS, TYPES, check_schema, resolve, types_of
from quintet.models.strict_json import DEPTH_LIMIT
from quintet.models.validation import problems


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for whatever the schema leaves open; `unfolded` caps even what it does not."""

    string_chars: int = 1000
    array_items: int = 64
    digits: int = 15
    decimals: int = 6
    any_depth: int = 3
    unfolded: int = 2000


DEFAULT_LIMITS = Limits()


# Code points that JSON allows unescaped and that print; quote and backslash are written escaped.
_PLAIN = complement(
    chars([(0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x9F), (0xFFFE, 0xFFFF)])
)
_ESCAPED = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_KEYWORDS_OF = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern"},
    "number": {*_BOUNDS},
}
# Beyond this a float can no longer tell a value from its neighbour one decimal place away.
_FINE_UP_TO = 10**9


def compile_grammar(schema: JsonSchema, limits: Limits = DEFAULT_LIMITS) -> str:
    """GBNF text whose `root` generates JSON values of this schema, and no others."""
    check_schema(schema)
    return _Compiler(schema, limits).compile()


class _Compiler:
    def __init__(self, root: JsonSchema, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._rules: dict[str, Node] = {}
        self._named: dict[Node, Rule] = {}
        self._references: dict[str, Rule] = {}
        self._depth = 0

    def compile(self) -> str:
        self._rules["root"] = EMPTY
        self._rules["root"] = self._node(self._root)
        require_finite(self._rules)
        return render(self._rules)

    def _rule(self, hint: str, node: Node) -> Rule:
        """A name for a node, so that what is used often is written once."""
        if node not in self._named:
            name = hint if hint not in self._rules else f"{hint}-{len(self._rules)}"
            self._rules[name] = node
            self._named[node] = Rule(name)
        return self._named[node]

    def _node(self, schema: Any) -> Node:
        if schema is False:
            raise NotExpressible("no value fits the schema", why="a part of it is false")
        if schema is True:
            return self._anything(self._limits.any_depth)
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise NotExpressible("the schema is nested too deeply for a grammar")
        try:
            return self._by_keyword(cast("Mapping[str, Any]", schema))
        finally:
            self._depth -= 1

    def _by_keyword(self, schema: Mapping[str, Any]) -> Node:
        asserted = {keyword for keyword in schema if keyword not in ANNOTATIONS}
        if asserted & {"enum", "const"}:
            return self._constants(schema)
        if "$ref" in asserted:
            _require_alone("$ref", asserted)
            return self._reference(schema["$ref"])
        for keyword in asserted & {*COMBINATIONS}:
            _require_alone(keyword, asserted)
            return self._alternatives(keyword, schema[keyword])
        names = types_of(schema) or _implied_types(asserted)
        if not names:
            return self._anything(self._limits.any_depth)
        return alt(*(self._typed(name, schema) for name in names))

    def _alternatives(self, keyword: str, schemas: Sequence[Any]) -> Node:
        if keyword != "anyOf" and len(schemas) > 1:
            raise NotExpressible(f"{keyword} of several schemas cannot be expressed")
        return alt(
            *(self._node(schema) for schema in schemas if schema is not False or len(schemas) == 1)
        )

    def _constants(self, schema: Mapping[str, Any]) -> Node:
        options: list[Any] = schema["enum"] if "enum" in schema else [schema["const"]]
        fitting = [option for option in options if not problems(self._within(schema), option)]
        if not fitting:
            raise NotExpressible("no value fits the schema", why="its constants contradict it")
        return alt(*(Literal(_json(option)) for option in fitting))

    def _within(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The part as a schema of its own, with the definitions that its references need."""
        kept = {name: self._root[name] for name in ("$defs", "definitions") if name in self._root}
        return {**kept, **schema}

    def _reference(self, reference: str) -> Rule:
        if reference == "#":
            return Rule("root")
        if reference not in self._references:
            rule = Rule(f"ref-{len(self._references)}")
            self._references[reference] = rule
            self._rules[rule.name] = EMPTY
            self._rules[rule.name] = self._node(resolve(self._root, reference))
        return self._references[reference]

    def _typed(self, name: str, schema: Mapping[str, Any]) -> Node:
        match name:
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "string":
                return seq(Literal('"'), self._string(schema), Literal('"'))
            case "integer" | "number":
                return self._rule(name, self._number(schema, whole=name == "integer"))
            case "boolean":
                return alt(Literal("true"), Literal("false"))
            case _:
                return Literal("null")

    def _anything(self, depth: int) -> Rule:
        """Any JSON value, nested no deeper than the limit."""
        flat = [
            self._typed(name, {}) for name in TYPES if name not in ("object", "array", "integer")
        ]
        if depth == 0:
            return self._rule("any-0", alt(*flat))
        inner = self._anything(depth - 1)
        array = self._list(inner, 0, self._limits.array_items)
        return self._rule(f"any-{depth}", alt(*flat, self._map(inner), array))

    def _object(self, schema: Mapping[str, Any]) -> Node:
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = set(schema.get("required", ()))
        others = schema.get("additionalProperties", True)
        for name in sorted(required - properties.keys()):
            properties = {**properties, name: others}
        if not properties and others is not False:
            return self._map(self._node(others))
        members = [
            (self._member(name, inner), name in required)
            for name, inner in properties.items()
            if name in required or inner is not False
        ]
        return seq(Literal("{"), self._members(members), Literal("}"))

    def _member(self, name: str, schema: Any) -> Rule:
        return self._rule("member", seq(Literal(f"{_json(name)}:"), self._node(schema)))

    def _members(self, members: list[tuple[Rule, bool]]) -> Node:
        """Members in the order of the schema; those that are not required may be left out."""
        comma = Literal(",")
        after: Node = EMPTY  # what may follow once a member stands
        first: Node = EMPTY  # what may stand when none does yet
        for member, is_required in reversed(members):
            after = EMPTY if after == EMPTY else self._rule("more", after)
            continued = seq(member, after)
            first = continued if is_required else alt(continued, first)
            separated = seq(comma, member)
            after = seq(separated if is_required else optional(separated), after)
        return first

    def _map(self, value: Node) -> Node:
        pair = self._rule("pair", seq(Literal('"'), self._string({}), Literal('":'), value))
        return seq(
            Literal("{"), optional(self._several(pair, 1, self._limits.array_items)), Literal("}")
        )

    def _array(self, schema: Mapping[str, Any]) -> Node:
        least, most = self._counts(schema, "Items", self._limits.array_items)
        if most == 0 or schema.get("items") is False:
            if least:
                raise NotExpressible("no value fits the schema", why="its items are false")
            return Literal("[]")
        return self._list(self._rule("item", self._node(schema.get("items", True))), least, most)

    def _list(self, item: Node, least: int, most: int) -> Node:
        several = self._several(item, max(least, 1), most)
        return seq(Literal("["), several if least else optional(several), Literal("]"))

    def _several(self, item: Node, least: int, most: int) -> Node:
        return seq(item, repeat(seq(Literal(","), item), least - 1, most - 1))

    def _string(self, schema: Mapping[str, Any]) -> Node:
        least, most = self._counts(schema, "Length", self._limits.string_chars)
        if "pattern" in schema:
            return self._pattern(schema["pattern"], least, schema.get("maxLength"))
        escapes = alt(*(Literal(text) for text in _ESCAPED.values()))
        return repeat(self._rule("char", alt(_PLAIN, escapes)), least, most)

    def _counts(self, schema: Mapping[str, Any], suffix: str, default: int) -> tuple[int, int]:
        least = int(schema.get(f"min{suffix}", 0))
        most = int(schema.get(f"max{suffix}", max(default, least)))
        if least > most:
            raise NotExpressible(f"no value fits: min{suffix} is above max{suffix}")
        if least > self._limits.unfolded:
            raise NotExpressible(f"min{suffix} is too large for a grammar", why=f"it is {least:,}")
        return least, min(most, self._limits.unfolded)

    def _pattern(self, text: str, least: int, most: int | None) -> Node:
        anywhere = repeat(pattern.ANY_CHAR, 0, 16)
        options: list[Node] = []
        for branch in pattern.parse(text):
            node = seq(
                EMPTY if branch.at_start else anywhere,
                pattern.transformed(branch.node, lambda of: of, most=self._limits.string_chars),
                EMPTY if branch.at_end else anywhere,
            )
            shortest, longest = lengths(node)
            if shortest < least or (most is not None and (longest is None or longest > most)):
                raise NotExpressible("a pattern and a length limit cannot be combined")
            options.append(pattern.transformed(node, _in_json, most=self._limits.string_chars))
        return self._rule("pattern", alt(*options))

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> Node:
        bounds = [schema[name] for name in _BOUNDS if name in schema]
        if not bounds:
            return self._unbounded_number(whole=whole)
        fine = max(_decimals(bounds, self._limits.decimals), 2)
        options: list[Node] = []
        for decimals in (0,) if whole else (0, fine):
            low, high = self._scaled_bounds(schema, decimals)
            if low <= high:
                options.append(_between(low, high, decimals))
        if not options:
            raise NotExpressible("no number fits the schema's bounds")
        return alt(*options)

    def _unbounded_number(self, *, whole: bool) -> Node:
        digits = seq(chars([(0x31, 0x39)]), repeat(DIGIT, 0, self._limits.digits - 1))
        integer = seq(optional(Literal("-")), alt(Literal("0"), digits))
        fraction = seq(Literal("."), repeat(DIGIT, 1, self._limits.decimals))
        return integer if whole else seq(integer, optional(fraction))

    def _scaled_bounds(self, schema: Mapping[str, Any], decimals: int) -> tuple[int, int]:
        """The bounds as whole numbers of the last decimal place, both inclusive."""
        widest = 10 ** (self._limits.digits + decimals) - 1
        low, high = -widest, widest
        if "minimum" in schema:
            low = max(low, _scaled(schema["minimum"], decimals, ROUND_CEILING))
        if "exclusiveMinimum" in schema:
            bound = schema["exclusiveMinimum"]
            low = max(low, _scaled(bound, decimals, ROUND_FLOOR) + _step(bound, decimals))
        if "maximum" in schema:
            high = min(high, _scaled(schema["maximum"], decimals, ROUND_FLOOR))
        if "exclusiveMaximum" in schema:
            bound = schema["exclusiveMaximum"]
            high = min(high, _scaled(bound, decimals, ROUND_CEILING) - _step(bound, decimals))
        return low, high


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _require_alone(keyword: str, asserted: set[str]) -> None:
    if beside := sorted(asserted - {keyword}):
        raise NotExpressible(f"{keyword} cannot be combined with {', '.join(beside)}")


def _implied_types(asserted: set[str]) -> tuple[str, ...]:
    return tuple(name for name, keywords in _KEYWORDS_OF.items() if asserted & keywords)


def _in_json(of: Chars) -> Node:
    """The same characters as they stand between the quotes of a JSON text."""
    plain = intersection(of, _PLAIN)
    escaped = [Literal(text) for char, text in _ESCAPED.items() if _holds(of, char)]
    if not plain.ranges and not escaped:
        raise NotExpressible("a pattern wants a character that no text should hold")
    return alt(*([plain] if plain.ranges else []), *escaped)


def _holds(of: Chars, char: str) -> bool:
    return any(low <= ord(char) <= high for low, high in of.ranges)


def _decimals(bounds: list[Any], most: int) -> int:
    exponents = [Decimal(str(bound)).normalize().as_tuple().exponent for bound in bounds]
    return min(most, max(-exponent for exponent in exponents if isinstance(exponent, int)))


def _scaled(bound: float, decimals: int, rounding: str) -> int:
    return int(Decimal(str(bound)).scaleb(decimals).to_integral_value(rounding))


def _step(bound: float, decimals: int) -> int:
    return 1 if abs(bound) < _FINE_UP_TO else 10**decimals


def _between(low: int, high: int, decimals: int) -> Node:
    """Decimal numbers from low to high, both counted in units of the last decimal place."""
    options: list[Node] = []
    if low < 0:
        options.append(seq(Literal("-"), _natural(max(1, -high), -low, decimals)))
    if high >= 0:
        options.append(_natural(max(0, low), high, decimals))
    return alt(*options)


def _natural(low: int, high: int, decimals: int) -> Node:
    """As `_between`, for numbers that are not negative: one alternative for each length."""
    options: list[Node] = []
    shortest = decimals + 1
    for size in range(max(shortest, len(str(low))), max(shortest, len(str(high))) + 1):
        first = max(low, 0 if size == shortest else 10 ** (size - 1))
        last = min(high, 10**size - 1)
        options.append(_digits(str(first).zfill(size), str(last).zfill(size), decimals))
    return alt(*options)


def _digits(low: str, high: str, decimals: int) -> Node:
    """Digit strings between two of the same length, with the point where it belongs."""
    if not low:
        return EMPTY
    point = Literal(".") if decimals and len(low) == decimals else EMPTY
    rest_low, rest_high = "0" * (len(low) - 1), "9" * (len(low) - 1)
    if low[0] == high[0]:
        return seq(point, Literal(low[0]), _digits(low[1:], high[1:], decimals))
    first, last = int(low[0]), int(high[0])
    options: list[Node] = []
    if low[1:] != rest_low:
        options.append(seq(Literal(low[0]), _digits(low[1:], rest_high, decimals)))
        first += 1
    if high[1:] != rest_high:
        options.append(seq(Literal(high[0]), _digits(rest_low, high[1:], decimals)))
        last -= 1
    if first <= last:
        options.append(seq(_digit(first, last), _any_digits(len(low) - 1, decimals)))
    return seq(point, alt(*options))


def _digit(first: int, last: int) -> Chars:
    return chars([(0x30 + first, 0x30 + last)])


def _any_digits(count: int, decimals: int) -> Node:
    whole = max(0, count - decimals) if decimals else count
    point = Literal(".") if decimals and count >= decimals else EMPTY
    return seq(repeat(DIGIT, whole, whole), point, repeat(DIGIT, count - whole, count - whole))

"""Grammars as values: the few shapes that a language needs, and their text in llama.cpp's GBNF.

JSON Schemas and regular expressions both become these nodes, so that what a model may say and what
is accepted afterwards come from one description.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from quintet.models.port import SchemaUnsupported

LAST_CODE_POINT = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_SPECIAL = frozenset('"\\[]^-')


class NotExpressible(SchemaUnsupported):
    """No grammar of ours generates exactly values of this schema."""

    code = "models.schema_not_expressible"


@dataclass(frozen=True, slots=True)
class Literal:
    """Exactly this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of sorted, disjoint, inclusive ranges of code points."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Whatever the rule of this name describes."""

    name: str


@dataclass(frozen=True, slots=True)
class Seq:
    """One after the other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Alt:
    """One of these."""

    options: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Between `least` and `most` times; None is without end."""

    node: "Node"
    least: int
    most: int | None


Node = Literal | Chars | Rule | Seq | Alt | Repeat
EMPTY = Literal("")
DIGIT = Chars(((0x30, 0x39),))


def seq(*parts: Node) -> Node:
    kept: list[Node] = []
    for part in parts:
        match kept[-1:], part:
            case [Literal(before)], Literal(text):
                kept[-1] = Literal(before + text)
            case _ if part != EMPTY:
                kept.append(part)
            case _:
                pass
    return kept[0] if len(kept) == 1 else Seq(tuple(kept)) if kept else EMPTY


def alt(*options: Node) -> Node:
    flat = (part for option in options for part in _options_of(option))
    kept = tuple(dict.fromkeys(flat))
    return kept[0] if len(kept) == 1 else Alt(kept)


def _options_of(node: Node) -> tuple[Node, ...]:
    return node.options if isinstance(node, Alt) else (node,)


def repeat(node: Node, least: int, most: int | None) -> Node:
    if most == 0 or node == EMPTY:
        return EMPTY
    return node if (least, most) == (1, 1) else Repeat(node, least, most)


def optional(node: Node) -> Node:
    return Repeat(node, 0, 1)


def chars(ranges: Iterable[tuple[int, int]]) -> Chars:
    """Ranges in any order, overlapping or not, as one class."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return Chars(tuple(merged))


def complement(of: Chars) -> Chars:
    """Every character that is not in the class; surrogates are no characters."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in chars([*of.ranges, _SURROGATES]).ranges:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST_CODE_POINT:
        gaps.append((start, LAST_CODE_POINT))
    return Chars(tuple(gaps))


def intersection(one: Chars, other: Chars) -> Chars:
    return complement(chars([*complement(one).ranges, *complement(other).ranges]))


def render(rules: Mapping[str, Node]) -> str:
    """The grammar's text; the rule `root` must be among the rules."""
    return "".join(f"{name} ::= {_text(node, nested=False)}\n" for name, node in rules.items())


def _text(node: Node, *, nested: bool = True) -> str:
    match node:
        case Literal(text):
            return '"' + "".join(map(_escaped, text)) + '"'
        case Chars(ranges):
            return "[" + "".join(_range(low, high) for low, high in ranges) + "]"
        case Rule(name):
            return name
        case Seq(parts):
            joined = " ".join(_text(part) for part in parts)
        case Alt(options):
            joined = " | ".join(_text(option) for option in options)
        case Repeat(inner, least, most):
            return _text(inner) + _quantifier(least, most)
    return f"({joined})" if nested else joined


def _quantifier(least: int, most: int | None) -> str:
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _:
            return (
                f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
            )


def _range(low: int, high: int) -> str:
    ends = _escaped(chr(low)), _escaped(chr(high))
    return ends[0] if low == high else "-".join(ends)


def _escaped(char: str) -> str:
    if char.isascii() and char.isprintable() and char not in _SPECIAL:
        return char
    point = ord(char)
    if point <= 0xFF:
        return f"\\x{point:02X}"
    return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"


def require_finite(rules: Mapping[str, Node]) -> None:
    """Refuse a grammar in which some rule, once begun, can never come to an end."""
    ending: set[str] = set()
    while grown := {
        name for name, node in rules.items() if name not in ending and _ends(node, ending)
    }:
        ending |= grown
    if len(ending) < len(rules):
        raise NotExpressible(
            "a part of the schema fits no finite value", why="it requires itself without end"
        )


def _ends(node: Node, ending: set[str]) -> bool:
    match node:
        case Rule(name):
            return name in ending
        case Seq(parts):
            return all(_ends(part, ending) for part in parts)
        case Alt(options):
            return any(_ends(option, ending) for option in options)
        case Repeat(inner, least, _):
            return least == 0 or _ends(inner, ending)
        case Literal() | Chars():
            return True


def lengths(node: Node) -> tuple[int, int | None]:
    """The fewest and the most characters that a node without rules can match."""
    match node:
        case Literal(text):
            return len(text), len(text)
        case Seq(parts):
            return reduce(_added, map(lengths, parts), (0, 0))
        case Alt(options):
            least, most = zip(*map(lengths, options), strict=True)
            return min(least), None if None in most else max(n for n in most if n is not None)
        case Repeat(inner, low, high):
            least, longest = lengths(inner)
            return least * low, None if high is None or longest is None else longest * high
        case Chars() | Rule():
            return 1, 1


def _added(one: tuple[int, int | None], other: tuple[int, int | None]) -> tuple[int, int | None]:
    most = None if one[1] is None or other[1] is None else one[1] + other[1]
    return one[0] + other[0], most

"""The regular expressions of JSON Schema's `pattern`, in a subset that cannot blow up.

Python's `re` can take exponential time on a pattern that came with a foreign schema. Here a pattern
is parsed into grammar nodes; matching runs all alternatives at once, so its time grows with text
times pattern and no worse, and the same nodes become the grammar that a model is held to.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from quintet.errors import Kind, QuintetError
from quintet.models.gbnf import (
    Alt,
    Chars,
    Literal,
    Node,
    NotExpressible,
    Repeat,
    Rule,
    Seq,
    alt,
    chars,
    complement,
    lengths,
    repeat,
    seq,
)

PATTERN_LIMIT_CHARS = 1000
PROGRAM_LIMIT_STEPS = 20_000
NESTING_LIMIT = 50

_DIGITS = chars([(0x30, 0x39)])
_WORD = chars([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
_SPACE = chars([(0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x2028, 0x2029), (0xFEFF, 0xFEFF)])
ANY_CHAR = complement(chars([]))
_NOT_LINE_END = complement(chars([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)]))
_CLASSES = {
    "d": _DIGITS,
    "D": complement(_DIGITS),
    "w": _WORD,
    "W": complement(_WORD),
    "s": _SPACE,
    "S": complement(_SPACE),
}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_COUNT = re.compile(r"\{(\d{1,5})(?:(,)(\d{1,5})?)?\}")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")


class PatternUnsupported(QuintetError):
    """The pattern is malformed, or uses what this subset leaves out."""

    kind = Kind.USAGE
    code = "models.pattern_unsupported"


@dataclass(frozen=True, slots=True)
class Branch:
    """A top-level alternative: its nodes, and whether it must begin or end with the text."""

    node: Node
    at_start: bool
    at_end: bool


@lru_cache(maxsize=256)
def parse(pattern: str) -> tuple[Branch, ...]:
    """The alternatives of a pattern."""
    if len(pattern) > PATTERN_LIMIT_CHARS:
        raise PatternUnsupported(
            "the pattern is too long", why=f"more than {PATTERN_LIMIT_CHARS} characters"
        )
    return _Parser(pattern).branches()


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0

    def branches(self) -> tuple[Branch, ...]:
        found = [self._branch()]
        while self._take("|"):
            found.append(self._branch())
        if self._at < len(self._text):
            raise self._out_of_place()
        return tuple(found)

    def _branch(self) -> Branch:
        at_start = self._take("^")
        node = self._sequence()
        return Branch(node, at_start, self._take("$"))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")", "$"):
            parts.append(self._quantified(self._atom()))
        return seq(*parts)

    def _atom(self) -> Node:
        char = self._next()
        match char:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case ".":
                return _NOT_LINE_END
            case "\\":
                return self._escape()
            case "^":
                raise self._refused("^ stands elsewhere than at the beginning")
            case "*" | "+" | "?":
                raise self._refused(f"nothing stands before {char}")
            case _:
                return Literal(char)

    def _group(self) -> Node:
        if self._take("?") and not self._take(":"):
            raise self._refused("groups other than (…) and (?:…) are not supported")
        self._depth += 1
        if self._depth > NESTING_LIMIT:
            raise self._refused("its groups are nested too deeply")
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        if not self._take(")"):
            raise self._out_of_place()
        self._depth -= 1
        return alt(*options)

    def _quantified(self, node: Node) -> Node:
        while bounds := self._bounds():
            least, most = bounds
            if most is not None and least > most:
                raise self._refused(f"{{{least},{most}}} is empty")
            if self._take("?"):
                raise self._refused("lazy quantifiers are not supported")
            node = repeat(node, least, most)
        return node

    def _bounds(self) -> tuple[int, int | None] | None:
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self._peek())
        if simple is not None:
            self._at += 1
            return simple
        count = _COUNT.match(self._text, self._at)
        if count is None:
            return None
        self._at = count.end()
        least = int(count[1])
        return least, (int(count[3]) if count[3] else None) if count[2] else least

    def _class(self) -> Chars:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        while not self._take("]"):
            ranges.extend(self._class_member())
        found = chars(ranges)
        if not ranges:
            raise self._refused("a character class is empty")
        return complement(found) if negated else found

    def _class_member(self) -> tuple[tuple[int, int], ...]:
        first = self._class_char()
        is_range = self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", "")
        if len(first.ranges) != 1 or first.ranges[0][0] != first.ranges[0][1] or not is_range:
            return first.ranges
        self._at += 1
        last = self._class_char()
        low, high = first.ranges[0][0], last.ranges[0][1]
        if len(last.ranges) != 1 or last.ranges[0][0] != high or low > high:
            raise self._refused("a character range runs backwards")
        return ((low, high),)

    def _class_char(self) -> Chars:
        char = self._next()
        node = self._escape() if char == "\\" else Literal(char)
        return node if isinstance(node, Chars) else chars([(ord(node.text), ord(node.text))])

    def _escape(self) -> Chars | Literal:
        if coded := _HEX.match(self._text, self._at):
            self._at = coded.end()
            return Literal(chr(int(coded[1] or coded[2], 16)))
        char = self._next()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _CONTROLS:
            return Literal(_CONTROLS[char])
        if char.isalnum():
            raise self._refused(f"\\{char} is not supported")
        return Literal(char)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, char: str) -> bool:
        found = self._peek() == char
        self._at += found
        return found

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise self._refused("it ends too early")
        self._at += 1
        return char

    def _out_of_place(self) -> PatternUnsupported:
        match self._peek():
            case "":
                return self._refused("a bracket is not closed")
            case "$":
                return self._refused("$ stands elsewhere than at the end")
            case _:
                return self._refused("a bracket is closed that was not opened")

    def _refused(self, why: str) -> PatternUnsupported:
        return PatternUnsupported(
            f"the pattern {self._text!r} cannot be used", why=f"at {self._at}: {why}"
        )


# One step of a compiled pattern: a class to match before going on, or places to go on from.
_Step = Chars | tuple[int, ...]


@lru_cache(maxsize=256)
def _programs(pattern: str) -> "tuple[_Program, ...]":
    return tuple(_Program(branch) for branch in parse(pattern))


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text: anywhere, unless it is anchored."""
    return any(program.found_in(text) for program in _programs(pattern))


def size_of(pattern: str) -> int:
    """How many steps a pattern unfolds to; times the length of a text, the most work it can be."""
    return sum(program.size for program in _programs(pattern))


class _Program:
    """A branch as steps that run side by side (Thompson's construction)."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._steps: list[_Step] = []
        self._compile(branch.node)
        self._end = len(self._steps)

    @property
    def size(self) -> int:
        return max(1, self._end)

    def found_in(self, text: str) -> bool:
        live = self._closure({0})
        for char in text:
            if self._end in live and not self._branch.at_end:
                return True
            moved = {step + 1 for step in live if self._eats(step, ord(char))}
            if not self._branch.at_start:
                moved.add(0)
            live = self._closure(moved)
            if not live:
                return False
        return self._end in live

    def _eats(self, at: int, point: int) -> bool:
        step = self._steps[at] if at < self._end else ()
        return isinstance(step, Chars) and any(low <= point <= high for low, high in step.ranges)

    def _closure(self, seeds: set[int]) -> set[int]:
        seen: set[int] = set()
        todo = list(seeds)
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            step = self._steps[at] if at < self._end else ()
            if isinstance(step, tuple):
                todo.extend(step)
        return seen

    def _compile(self, node: Node) -> None:
        match node:
            case Literal(text):
                for char in text:
                    self._emit(chars([(ord(char), ord(char))]))
            case Chars():
                self._emit(node)
            case Seq(parts):
                for part in parts:
                    self._compile(part)
            case Alt(options):
                self._compile_alternatives(options)
            case Repeat(inner, least, most):
                self._compile_repeat(inner, least, most)
            case Rule():
                raise AssertionError("a pattern has no rules")

    def _emit(self, step: _Step) -> int:
        if len(self._steps) >= PROGRAM_LIMIT_STEPS:
            raise PatternUnsupported(
                "the pattern is too large", why=f"it unfolds to {PROGRAM_LIMIT_STEPS:,} steps"
            )
        self._steps.append(step)
        return len(self._steps) - 1

    def _compile_alternatives(self, options: tuple[Node, ...]) -> None:
        fork = self._emit(())
        starts: list[int] = []
        joins: list[int] = []
        for option in options:
            starts.append(len(self._steps))
            self._compile(option)
            joins.append(self._emit(()))
        self._steps[fork] = tuple(starts)
        for join in joins:
            self._steps[join] = (len(self._steps),)

    def _compile_repeat(self, inner: Node, least: int, most: int | None) -> None:
        for _ in range(least):
            self._compile(inner)
        if most is None:
            fork = self._emit(())
            self._compile(inner)
            self._emit((fork,))
            self._steps[fork] = (fork + 1, len(self._steps))
            return
        forks: list[int] = []
        for _ in range(most - least):
            forks.append(self._emit(()))
            self._compile(inner)
        for fork in forks:
            self._steps[fork] = (fork + 1, len(self._steps))


def transformed(node: Node, chars_to: Callable[[Chars], Node], *, most: int) -> Node:
    """The same nodes with each character replaced and endless repetition cut at `most`."""
    match node:
        case Literal(text):
            return seq(*(chars_to(chars([(ord(char), ord(char))])) for char in text))
        case Chars():
            return chars_to(node)
        case Seq(parts):
            return seq(*(transformed(part, chars_to, most=most) for part in parts))
        case Alt(options):
            return alt(*(transformed(option, chars_to, most=most) for option in options))
        case Repeat(inner, least, longest):
            if lengths(inner)[0] == 0:
                raise NotExpressible("a pattern repeats what may be empty")
            bound = max(least, most) if longest is None else longest
            return repeat(transformed(inner, chars_to, most=most), least, bound)
        case Rule():
            return node

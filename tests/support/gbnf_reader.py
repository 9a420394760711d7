"""A second, independent reading of GBNF: draws texts from a grammar and says what it accepts.

It reads the grammar's text, not the nodes that the compiler works with, so that a mistake in how
nodes become text shows as well.
"""

import random
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s*(?:(?P<literal>"(?:[^"\\]|\\.)*")|(?P<chars>\[(?:[^\]\\]|\\.)*\])|"""
    r"""(?P<name>[a-zA-Z][a-zA-Z0-9-]*)|(?P<count>\{\d+(?:,\d*)?\})|(?P<sign>[()|*+?]))"""
)
_ESCAPE = re.compile(r"\\(?:x([0-9A-F]{2})|u([0-9A-F]{4})|U([0-9A-F]{8})|(.))")


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2] or m[3], 16)) if not m[4] else m[4], text)


@dataclass
class Grammar:
    """A parsed grammar. Nodes are tuples: (kind, content)."""

    rules: dict[str, tuple] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Grammar":
        rules = {}
        for line in text.splitlines():
            name, body = line.split(" ::= ", 1)
            tokens = _tokens(body)
            rules[name] = _alternatives(tokens)
            assert not tokens, f"left over in {name}: {tokens}"
        return cls(rules)

    def sample(self, rng: random.Random, fuel: int = 400) -> str:
        """One text of the language; short choices are taken once the fuel is used up."""
        self._fuel = fuel
        return self._draw(self.rules["root"], rng)

    def _draw(self, node: tuple, rng: random.Random) -> str:
        self._fuel -= 1
        kind, content = node
        if kind == "literal":
            return content
        if kind == "chars":
            low, high = rng.choice(content)
            return chr(rng.randint(low, high))
        if kind == "name":
            return self._draw(self.rules[content], rng)
        if kind == "seq":
            return "".join(self._draw(part, rng) for part in content)
        if kind == "alt":
            return self._draw(self._option(content, rng), rng)
        inner, least, most = content
        most = least + 20 if most is None else most
        times = least if self._fuel < 0 else min(rng.randint(least, most), least + 5)
        times = most if rng.random() < 0.05 and most < 50 and self._fuel > 0 else times
        return "".join(self._draw(inner, rng) for _ in range(times))

    def _option(self, options: tuple, rng: random.Random) -> tuple:
        if self._fuel > 0:
            return rng.choice(options)
        return min(options, key=lambda option: self._height(option, frozenset()))

    def _height(self, node: tuple, above: frozenset) -> int:
        """How deep the shallowest expansion of a node is."""
        kind, content = node
        if kind in ("literal", "chars"):
            return 0
        if kind == "name":
            inside = above | {content}
            return 10_000 if content in above else 1 + self._height(self.rules[content], inside)
        if kind == "seq":
            return max((self._height(part, above) for part in content), default=0)
        if kind == "alt":
            return min(self._height(option, above) for option in content)
        return self._height(content[0], above) if content[1] else 0

    def accepts(self, text: str) -> bool:
        return len(text) in self._ends(self.rules["root"], text, frozenset({0}))

    def _ends(self, node: tuple, text: str, starts: frozenset) -> frozenset:
        kind, content = node
        if kind == "literal":
            return frozenset(at + len(content) for at in starts if text.startswith(content, at))
        if kind == "chars":
            return frozenset(
                at + 1
                for at in starts
                if at < len(text) and any(low <= ord(text[at]) <= high for low, high in content)
            )
        if not starts:
            return starts
        if kind == "name":
            return self._ends(self.rules[content], text, starts)
        if kind == "seq":
            for part in content:
                starts = self._ends(part, text, starts)
            return starts
        if kind == "alt":
            return frozenset().union(*(self._ends(option, text, starts) for option in content))
        return self._repeated(content, text, starts)

    def _repeated(self, content: tuple, text: str, starts: frozenset) -> frozenset:
        inner, least, most = content
        for _ in range(least):
            starts = self._ends(inner, text, starts)
        found = starts
        for _ in range(len(text) + 1 if most is None else most - least):
            starts = self._ends(inner, text, starts)
            if not starts - found:
                break
            found |= starts
        return found


def _tokens(body: str) -> list:
    tokens, at = [], 0
    while at < len(body.rstrip()):
        match = _TOKEN.match(body, at)
        assert match, f"cannot read {body[at:]!r}"
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _alternatives(tokens: list) -> tuple:
    options = [_sequence(tokens)]
    while tokens and tokens[0] == ("sign", "|"):
        tokens.pop(0)
        options.append(_sequence(tokens))
    return options[0] if len(options) == 1 else ("alt", tuple(options))


def _sequence(tokens: list) -> tuple:
    parts = []
    while tokens and tokens[0] not in (("sign", "|"), ("sign", ")")):
        parts.append(_quantified(_atom(tokens), tokens))
    return parts[0] if len(parts) == 1 else ("seq", tuple(parts))


def _atom(tokens: list) -> tuple:
    kind, text = tokens.pop(0)
    if kind == "literal":
        return ("literal", _unescape(text[1:-1]))
    if kind == "chars":
        return ("chars", tuple(_ranges(text[1:-1])))
    if kind == "name":
        return ("name", text)
    assert text == "(", f"unexpected {text}"
    inner = _alternatives(tokens)
    assert tokens.pop(0) == ("sign", ")")
    return inner


def _quantified(node: tuple, tokens: list) -> tuple:
    signs = {"*": (0, None), "+": (1, None), "?": (0, 1)}
    while tokens and (tokens[0][0] == "count" or tokens[0][1] in signs):
        kind, text = tokens.pop(0)
        if kind == "count":
            least, _, most = text[1:-1].partition(",")
            bounds = (int(least), int(most or least) if most or "," not in text else None)
        else:
            bounds = signs[text]
        node = ("repeat", (node, *bounds))
    return node


def _ranges(text: str) -> list:
    points = [
        _unescape(m[0]) if m[0] != "-" else None
        for m in re.finditer(r"\\[xuU][0-9A-F]+|\\.|.", text)
    ]
    found, at = [], 0
    while at < len(points):
        if at + 2 < len(points) and points[at + 1] is None:
            found.append((ord(points[at]), ord(points[at + 2])))
            at += 3
        else:
            found.append((ord(points[at]), ord(points[at])))
            at += 1
    return found

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

    def sample(self, rng: random.Random, fuel: int = 300) -> str:
        """One text of the language; the shortest ways are taken once fuel or depth run out."""
        self._fuel = fuel
        self._heights = self._rule_heights()
        return self._draw(self.rules["root"], rng, 0)

    def _draw(self, node: tuple, rng: random.Random, depth: int) -> str:
        self._fuel -= 1
        kind, content = node
        if kind == "literal":
            return content
        if kind == "chars":
            low, high = rng.choice(content)
            return chr(rng.randint(low, high))
        if kind == "name":
            return self._draw(self.rules[content], rng, depth + 1)
        if kind == "seq":
            return "".join([self._draw(part, rng, depth + 1) for part in content])
        short = self._fuel < 0 or depth > 40
        if kind == "alt":
            option = min(content, key=self._height) if short else rng.choice(content)
            return self._draw(option, rng, depth + 1)
        inner, least, most = content
        times = least if short else min(rng.randint(least, most or least + 20), least + 5)
        if not short and most and most < 50 and rng.random() < 0.05:
            times = most
        return "".join([self._draw(inner, rng, depth + 1) for _ in range(times)])

    def _rule_heights(self) -> dict[str, int]:
        """How deep the shallowest expansion of each rule is."""
        self._heights = dict.fromkeys(self.rules, 10**6)
        for _ in range(len(self.rules) + 1):
            self._heights = {name: 1 + self._height(node) for name, node in self.rules.items()}
        return self._heights

    def _height(self, node: tuple) -> int:
        kind, content = node
        if kind in ("literal", "chars"):
            return 0
        if kind == "name":
            return self._heights[content]
        if kind == "seq":
            return max(map(self._height, content), default=0)
        if kind == "alt":
            return min(map(self._height, content))
        return self._height(content[0]) if content[1] else 0

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

"""Answers that are wrong on purpose, made from a right one: what a suite must be able to catch.

Each way of being wrong is one that models and programs really have. The same seed spoils an answer
in the same way.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from quintet.evals.check import Looks
from quintet.evals.observation import ABSENT, Observation, answer_of, text_of

REFUSAL = "I am sorry, but I cannot help with that."
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer: in which way, and what of the case it concerns."""

    how: str
    seen: Observation
    looks: Looks = Looks.ANSWER


def wrong_answers(right: Observation, others: list[Any], seed: str) -> Iterator[Wrong]:
    """Spoil a right answer in every way that changes it; `others` are answers of other cases."""
    for wrong in _spoilings(right, others, random.Random(seed)):
        # A spoiled text may still be the same value: `0` of `0.0`.
        if wrong.seen.value is ABSENT or wrong.seen.value != right.value:
            yield wrong


def _spoilings(right: Observation, others: list[Any], chance: random.Random) -> Iterator[Wrong]:
    yield _spoiled(right, "empty", "")
    yield _spoiled(right, "refused", REFUSAL)
    for other in _different(right, others)[:1]:
        yield _spoiled(right, "another case's answer", other)
    yield from _of_text(right, chance)
    if right.value is not ABSENT:
        yield from _of_value(right, chance)


def wrong_steps(right: Observation) -> Iterator[Wrong]:
    """Spoil what was done: nothing, not all of it, something that nobody asked for."""
    steps = right.steps
    for how, spoiled in (
        ("nothing was done", ()),
        ("the last step is missing", steps[:-1]),
        ("another step was taken", (*steps, "effect:unasked")),
    ):
        if spoiled != steps:
            yield Wrong(how, replace(right, steps=spoiled), Looks.STEPS)


def given_wrong(bad: Any, right: Observation | None) -> Wrong:
    """A wrong answer that the author of the case wrote down: words or JSON, or `steps`."""
    if isinstance(bad, Mapping) and set(cast("Mapping[str, Any]", bad)) == {"steps"}:
        steps = tuple(map(str, cast("Mapping[str, list[Any]]", bad)["steps"]))
        return Wrong("given", replace(right or Observation(""), steps=steps), Looks.STEPS)
    return Wrong("given", _with(right or Observation(""), bad))


def _of_text(right: Observation, chance: random.Random) -> Iterator[Wrong]:
    text = right.text.rstrip("\r\n")
    if len(text) > 1:
        yield _spoiled(right, "truncated", text[: len(text) // 2])
    words = text.split()
    shuffled = chance.sample(words, len(words))
    if shuffled != words and right.value is ABSENT:
        yield _spoiled(right, "words shuffled", " ".join(shuffled))
    if numbers := list(_NUMBER.finditer(text)):
        one = chance.choice(numbers)
        wrong = _other_number(one[0], chance)
        yield _spoiled(right, "a wrong number", text[: one.start()] + wrong + text[one.end() :])


def _other_number(text: str, chance: random.Random) -> str:
    digit = chance.choice([d for d in "123456789" if d != text[0]])
    return digit + text[1:]


def _of_value(right: Observation, chance: random.Random) -> Iterator[Wrong]:
    hollow = _hollow(right.value)
    if hollow != right.value:
        yield _spoiled(right, "valid JSON with nothing in it", hollow)
    shuffled = _shuffled(right.value, chance)
    if shuffled != right.value:
        yield _spoiled(right, "valid JSON with its texts mixed up", shuffled)


def _hollow(value: Any) -> Any:
    """The same shape without content."""
    if isinstance(value, Mapping):
        return {name: _hollow(one) for name, one in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return []
    if isinstance(value, str):
        return ""
    if isinstance(value, bool) or value is None:
        return value
    return 0


def _shuffled(value: Any, chance: random.Random) -> Any:
    """The same shape with its texts in each other's places."""
    texts = list(_texts(value))
    # A rotation moves every one of them.
    at = chance.randrange(1, len(texts)) if len(texts) > 1 else 0
    rotated = iter(texts[at:] + texts[:at])

    def rebuilt(one: Any) -> Any:
        if isinstance(one, Mapping):
            return {name: rebuilt(inner) for name, inner in cast("Mapping[str, Any]", one).items()}
        if isinstance(one, list):
            return [rebuilt(inner) for inner in cast("list[Any]", one)]
        return next(rotated) if isinstance(one, str) else one

    return rebuilt(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in cast("Mapping[str, Any]", value).values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _texts(inner)


def _different(right: Observation, others: list[Any]) -> list[Any]:
    return [other for other in others if text_of(other).strip() != right.text.strip()]


def _spoiled(right: Observation, how: str, answer: Any) -> Wrong:
    return Wrong(how, _with(right, answer))


def _with(right: Observation, answer: Any) -> Observation:
    """The right run with another answer: only the words give it away."""
    made = answer_of(answer)
    value = made.value
    if value is ABSENT and right.value is not ABSENT:
        value = _parsed(made.text)
    return replace(right, text=made.text, value=value)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return ABSENT

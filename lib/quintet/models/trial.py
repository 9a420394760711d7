"""Tries a model out: does it answer, does it keep to a schema, how fast is it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from quintet.errors import QuintetError
from quintet.models.port import ChatModel, Chunk, Message, Request, Role, whole
from quintet.models.structured import ask_for
from quintet.platform.clock import Clock

_SCHEMA = {
    "type": "object",
    "properties": {
        "capital": {"type": "string", "minLength": 1, "maxLength": 30},
        "certainty": {"type": "integer", "minimum": 0, "maximum": 100},
    },
    "required": ["capital", "certainty"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: what came of it, or the error that it ended in."""

    name: str
    result: str = ""
    error: QuintetError | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What was tried with a model, and how fast it answered; no speed is known where it did not."""

    steps: tuple[Step, ...]
    first_text_s: float | None = None
    tokens_per_s: float | None = None

    @property
    def failure(self) -> QuintetError | None:
        """The first error."""
        return next((step.error for step in self.steps if step.error), None)


def try_out(model: ChatModel, prompt: str, clock: Clock) -> Trial:
    """Ask for a text and for a value. A model that cannot do the first is not asked the second."""
    timing = _Timing(clock)
    steps = [_step("answer", lambda: timing.said(model, _request(prompt)))]
    if steps[0].error is None:
        steps.append(_step("schema", lambda: _shown(_value(model))))
    return Trial(tuple(steps), timing.first_text_s, timing.tokens_per_s)


def _step(name: str, attempt: Callable[[], str]) -> Step:
    try:
        return Step(name, attempt())
    except QuintetError as error:
        return Step(name, error=error)


def _request(text: str) -> Request:
    return Request((Message(Role.USER, text),), max_tokens=160)


def _value(model: ChatModel) -> Any:
    return ask_for(model, _request("What is the capital of Japan? Answer in JSON."), _SCHEMA).value


def _shown(value: Any) -> str:
    return f"capital {value['capital']}, certainty {value['certainty']}"


class _Timing:
    """Reads an answer as it comes, and says how fast that was."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.first_text_s: float | None = None
        self.tokens_per_s: float | None = None

    def said(self, model: ChatModel, request: Request) -> str:
        began_s = self._clock.monotonic_s()
        pieces: list[Chunk] = []
        for chunk in model.stream(request):
            pieces.append(chunk)
            if chunk.text and self.first_text_s is None:
                self.first_text_s = self._clock.monotonic_s() - began_s
        reply = whole(pieces)
        writing_s = self._clock.monotonic_s() - began_s - (self.first_text_s or 0.0)
        if reply.usage.exact and reply.usage.completion_tokens > 1 and writing_s > 0:
            self.tokens_per_s = (reply.usage.completion_tokens - 1) / writing_s
        return reply.text.strip()

"""What is asked of a native runtime inside the worker process, and of which kinds there are."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

# Preferred first: what was compiled for this very machine is 1.3 to 1.4 times faster.
RUNTIMES: Mapping[str, str] = {
    "llama_cpp": "quintet.models.runtime_llama_cpp",
    "xllamacpp": "quintet.models.runtime_xllamacpp",
}
_MARKS = re.compile("\ufffd{3,}")


class Pooling(StrEnum):
    """How the vectors of tokens become one of a text; `NONE` for models that are to chat."""

    NONE = ""
    MODELS_OWN = "model"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Loading:
    """Which file to load and what for, with how much room and how many threads."""

    path: Path
    context_tokens: int
    threads: int
    pooling: Pooling = Pooling.NONE


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text to generate. None leaves the choice to the runtime."""

    prompt: str
    max_tokens: int
    stop: tuple[str, ...] = ()
    grammar: str = ""
    temperature: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """How it ended."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    is_complete: bool


def as_counted(text: str) -> str:
    """A text that a grammar held, with as many characters as the grammar took it to have.

    llama.cpp takes bytes for a character that spell it in more bytes than they may; decoding then
    makes three or four marks of it. Only models without sense write such bytes.
    """
    return _MARKS.sub(lambda found: "\ufffd" * -(-len(found[0]) // 4), text)


class LocalRuntime(Protocol):
    """A loaded model. It may crash, hang or be killed: nothing outside its process notices more."""

    def generate(self, wanted: Wanted, go_on: Callable[[str], bool]) -> Generated:
        """Hand text over in pieces until `go_on` says no; never a part of a stop string."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector for each text, of any length; only where it was loaded with a pooling."""
        ...

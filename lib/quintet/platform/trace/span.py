"""Spans while they last, and which of them is the current one.

The current span is ambient, in a context variable: it is an observation and never changes what
code does, so nobody should have to be handed it. Where nobody traces, a span is `NOTHING`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, NamedTuple, Protocol

from quintet.errors import QuintetError
from quintet.platform.trace.conventions import (
    ACTIONS,
    ERROR,
    Attributes,
    Kind,
    Shape,
    Value,
)
from quintet.platform.trace.parent import VARIABLE, Parent

if TYPE_CHECKING:
    from collections.abc import Iterable


class Owner(Protocol):
    """Who keeps spans: the tracer."""

    def begun(self, shape: Shape, above: Span) -> Span: ...

    def ended(self, span: Span) -> None: ...

    def tell(self) -> None: ...

    def finish(self) -> None: ...


class Place(NamedTuple):
    """Where a span stands: in which trace, below which span, in whose engine's work."""

    trace_id: str
    span_id: str
    parent_id: str
    group: str


class Span:
    """One piece of work. `is_told` says that what is known of it so far is written down."""

    __slots__ = (
        "attributes",
        "began_ns",
        "content",
        "ended_ns",
        "is_told",
        "kind",
        "labels",
        "name",
        "owner",
        "place",
        "token",
    )

    def __init__(self, owner: Owner | None, shape: Shape, place: Place, began_ns: int) -> None:
        self.owner = owner
        self.name, self.kind, attributes = shape
        self.place = place
        self.began_ns = began_ns
        self.ended_ns = 0
        self.attributes: dict[str, Value] = dict(attributes)
        self.content: dict[str, Callable[[], Value]] = {}
        self.labels: frozenset[str] = frozenset()
        self.is_told = False
        self.token: Token[Span] | None = None

    def set(self, name: str, value: Value) -> None:
        """Say something of it; a name that the conventions do not know counts as content."""
        if self.owner is not None:
            self.attributes[name] = value

    def set_all(self, attributes: Attributes) -> None:
        if self.owner is not None:
            self.attributes.update(attributes)

    def offer(self, name: str, tell: Callable[[], Value], labels: Iterable[str] = ()) -> None:
        """Content, which is only made where the user wants it kept."""
        if self.owner is not None:
            self.content[name] = tell
            self.labels = frozenset({*self.labels, *map(str, labels)})

    def fail(self, error: BaseException | str) -> None:
        """It did not work; only the kind of the failure is kept, since its words are content."""
        self.set(ERROR, error if isinstance(error, str) else error_type(error))

    def acted(self, action: str) -> None:
        """A recorded action was begun in it."""
        if self.owner is not None:
            known = self.attributes.get(ACTIONS, ())
            self.attributes[ACTIONS] = (*(known if isinstance(known, tuple) else ()), action)
            self.is_told = False
            self.owner.tell()

    def end(self) -> None:
        if self.owner is not None and not self.ended_ns:
            self.owner.ended(self)

    @contextmanager
    def active(self) -> Generator[Span]:
        """For the length of the block it is the current span; the span itself goes on."""
        if self.owner is None:
            yield self
            return
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _reset(token)

    def __enter__(self) -> Span:
        if self.owner is not None:
            self.token = _CURRENT.set(self)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self.token is not None:
            _reset(self.token)
            self.token = None
        if error is not None:
            self.fail(error)
        self.end()


def _reset(token: Token[Span]) -> None:
    # A generator may be closed by another task than the one that began it.
    with suppress(ValueError):
        _CURRENT.reset(token)


def error_type(error: BaseException) -> str:
    if isinstance(error, QuintetError):
        return error.code
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__


NOTHING = Span(None, Shape("", Kind.STEP, {}), Place("", "", "", ""), 0)
_CURRENT: ContextVar[Span] = ContextVar("span", default=NOTHING)


def current() -> Span:
    """The span that we are in, or `NOTHING`."""
    return _CURRENT.get()


def begin(shape: Shape) -> Span:
    """A span below the current one, which stays the current one; it must be ended by its `end`.

    In a `with` block it is the current one, and ends with the block.
    """
    here = _CURRENT.get()
    return NOTHING if here.owner is None else here.owner.begun(shape, here)


def span(name: str, kind: Kind = Kind.STEP, attributes: Attributes | None = None) -> Span:
    """A span below the current one: `with span("read the index"): …`."""
    return begin(Shape(name, kind, attributes or {}))


def for_child(env: Mapping[str, str] | None = None, below: Span | None = None) -> dict[str, str]:
    """An environment by which a child process joins this trace, below a span of it."""
    here = below or _CURRENT.get()
    joined = dict(env or {})
    if here.owner is not None:
        joined[VARIABLE] = Parent(here.place.trace_id, here.place.span_id).as_text()
    return joined

"""Every call pays: reserved before at its highest possible price, settled after at its real one."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Protocol

from quintet.errors import Kind, QuintetError
from quintet.models.port import (
    ChatModel,
    Chunk,
    ContextExceeded,
    Finish,
    Reply,
    Request,
    SchemaUnsupported,
    Usage,
    check_request,
)
from quintet.models.prices import Price
from quintet.models.tokens import prompt_tokens_at_most
from quintet.models.tracing import chat_span, tell_reply
from quintet.platform.budget.amount import Amount
from quintet.platform.clock import Clock
from quintet.platform.trace import conventions
from quintet.platform.trace.span import Span

_NOTHING_DONE = (Kind.UNAVAILABLE, Kind.REFUSED, Kind.USAGE, Kind.BUSY, Kind.NEEDS_APPROVAL)


class Reservation(Protocol):
    """An amount set aside for one call."""

    def settle(self, actual: Amount) -> object: ...

    def release(self) -> None: ...


class Spending(Protocol):
    """The part of the budget that a call needs."""

    def reserve(self, amount: Amount, *, group: str, run: str = "") -> Reservation: ...


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays: a group's budget, and within it one run's."""

    group: str
    run: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it is told to whoever keeps a trace. `error` is the code of a failure."""

    model: str
    account: Account
    cost: Amount = field(default_factory=Amount)
    usage: Usage | None = None
    finish: Finish | None = None
    error: str = ""


OnCall = Callable[[Call], None]


def untold(_call: Call) -> None:
    """Nobody keeps a trace."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What metering needs besides the model and its price."""

    spending: Spending
    clock: Clock
    timeout_s: float
    on_call: OnCall
    provider: str = "ai"
    model: str = ""


class MeteredModel:
    """A model whose calls are paid for; one that leaves no word of its use is paid in full."""

    def __init__(self, model: ChatModel, price: Price, account: Account, meter: Meter) -> None:
        self._model = model
        self._price = price
        self._account = account
        self._meter = meter

    @property
    def name(self) -> str:
        return self._model.name

    def complete(self, request: Request) -> Reply:
        with self._payment(request, streams=False) as payment:
            with payment.timed():
                reply = self._model.complete(request)
            payment.finish(reply)
        return reply

    def stream(self, request: Request) -> Generator[Chunk]:
        with (
            self._payment(request, streams=True) as payment,
            closing(self._model.stream(request)) as chunks,
        ):
            while True:
                with payment.timed():
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                payment.came()
                if chunk.reply is not None:
                    payment.finish(chunk.reply)
                yield chunk

    def close(self) -> None:
        self._model.close()

    def most(self, request: Request) -> Amount:
        """What a request can use at most."""
        prompt_tokens = prompt_tokens_at_most(request)
        return Amount(
            money_micros=self._price.most_micros(prompt_tokens, request.max_tokens),
            tokens=prompt_tokens + request.max_tokens,
            duration_s=self._meter.timeout_s,
        )

    def _payment(self, request: Request, *, streams: bool) -> "_Payment":
        check_request(request)
        most, account = self.most(request), self._account
        span = chat_span(
            self._meter.model or self.name,
            self._meter.provider,
            request,
            account.group,
            streams=streams,
        )
        try:
            held = self._meter.spending.reserve(most, group=account.group, run=account.run)
        except BaseException as error:
            span.fail(error)
            span.end()
            raise
        call = Call(self.name, account)
        return _Payment(held, most, self._price, call, self._meter, span=span)


class _Payment:
    """One call from its reservation to its settlement."""

    def __init__(
        self,
        held: Reservation,
        most: Amount,
        price: Price,
        call: Call,
        meter: Meter,
        *,
        span: Span,
    ) -> None:
        self._held = held
        self._most = most
        self._price = price
        self._call = call
        self._meter = meter
        self._elapsed_s = 0.0
        self._span = span
        self._is_settled = False
        self.has_output = False

    @contextmanager
    def timed(self) -> Generator[None]:
        """Only the model's time is counted, not that of whoever reads its answer."""
        began_s = self._meter.clock.monotonic_s()
        try:
            with self._span.active():
                yield
        finally:
            self._elapsed_s += self._meter.clock.monotonic_s() - began_s

    def came(self) -> None:
        """A piece of the answer is there."""
        if not self.has_output:
            self._span.set(conventions.FIRST_CHUNK_S, self._elapsed_s)
        self.has_output = True

    def finish(self, reply: Reply) -> None:
        """Settle at what was really used; roughly counted tokens do not lower a price."""
        usage = reply.usage
        is_known = usage.exact or self._price.is_free
        money = self._price.cost_micros(usage) if is_known else self._most.money_micros
        cost = Amount(money, usage.total_tokens, self._elapsed_s)
        self._close(cost, replace(self._call, usage=usage, finish=reply.finish))
        tell_reply(self._span, reply, cost.money_micros)
        self._span.end()

    def __enter__(self) -> "_Payment":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_settled:
            return
        code = error.code if isinstance(error, QuintetError) else "models.left_early"
        self._span.fail(code)
        self._span.end()
        if _has_done_nothing(error) and not self.has_output:
            self._is_settled = True
            self._held.release()
            self._meter.on_call(replace(self._call, error=code))
        else:
            self._close(self._most, replace(self._call, error=code))

    def _close(self, cost: Amount, call: Call) -> None:
        self._is_settled = True
        self._held.settle(cost)
        self._meter.on_call(replace(call, cost=cost))


def _has_done_nothing(error: BaseException | None) -> bool:
    """Whether the call failed before a model worked on it."""
    if isinstance(error, ContextExceeded | SchemaUnsupported):
        return True
    return isinstance(error, QuintetError) and error.kind in _NOTHING_DONE

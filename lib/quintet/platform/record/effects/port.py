"""What the record asks of whoever changes the world: apply, look, revert."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from quintet.errors import QuintetError
from quintet.platform.record.event import Effect


class WorldChanged(QuintetError):
    """The target is no longer in the state from which the effect was to start."""

    code = "record.world_changed"


class UnknownEffect(QuintetError):
    """No handler is registered for this kind of effect."""

    code = "record.unknown_effect"


class EffectHandler(Protocol):
    """One kind of effect. `apply` and `revert` are idempotent: either may be called again after a
    crash, when it has happened already or half. States are JSON values; None is absence.
    """

    @property
    def kind(self) -> str: ...

    def apply(self, effect: Effect) -> None:
        """Make the world `after`; `WorldChanged` when it is neither `before` nor `after`."""
        ...

    def state(self, target: str) -> Any:
        """The present state, comparable with `before` and `after`."""
        ...

    def revert(self, effect: Effect) -> None:
        """Make the world `before`; for a compensable effect, compensate."""
        ...


@runtime_checkable
class Keeping(Protocol):
    """A handler that must put something aside before the effect may happen."""

    def hindrance(self, effect: Effect) -> str:
        """Why the effect cannot be reverted though the world stands as it should; or nothing."""
        ...

    def clear(self, effect: Effect) -> None:
        """Remove what an attempt that was cut off, in either direction, left lying around."""
        ...

    def keep(self, effect: Effect) -> Effect:
        """Keep what `revert` will need. Returns the effect, no longer reversible if that failed."""
        ...


@runtime_checkable
class Batching(Protocol):
    """A handler that can do many effects in one step that happens whole or not at all."""

    def states(self, targets: Sequence[str]) -> Mapping[str, Any]: ...

    def apply_all(self, effects: Sequence[Effect]) -> None: ...

    def revert_all(self, effects: Sequence[Effect]) -> None:
        """Revert them in the order given."""
        ...


@runtime_checkable
class Compound(Protocol):
    """A handler whose effects change several targets at once."""

    def parts(self, effect: Effect) -> Sequence[Effect]:
        """The changes of single targets that the effect consists of."""
        ...

    def is_halfway(self, effect: Effect, states: Sequence[Any]) -> bool:
        """Whether a crash in the middle of the effect leaves its targets like this."""
        ...

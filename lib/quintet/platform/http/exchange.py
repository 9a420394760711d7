"""One request with its hops and repeats: how much time is left, and whether to try again."""

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quintet.platform.clock import Clock
from quintet.platform.http.message import HttpSettings
from quintet.platform.http.retry import backoff_s, is_worth_waiting, promised_wait_s
from quintet.platform.rng import Rng

if TYPE_CHECKING:
    from quintet.platform.http.dial import Dialer


@dataclass(slots=True)
class Exchange:
    """The bounds that all hops and repeats of a request share."""

    settings: HttpSettings
    deadline_s: float
    clock: Clock
    rng: Rng
    dialer: "Dialer"
    repeats: int = 0
    permitted: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def bounded(self) -> contextlib.AbstractContextManager[None]:
        """A block in which no wait outlives the deadline."""
        return self.dialer.until(self.deadline_s)

    def waited(self, retry_after: str = "") -> bool:
        """Wait as long as is right before another try; False if there should be none."""
        if self.repeats >= self.settings.retries:
            return False
        wait_s = promised_wait_s(retry_after, self.clock.now())
        if wait_s is None:
            wait_s = backoff_s(self.repeats, self.rng)
        if not is_worth_waiting(wait_s, self.deadline_s - self.clock.monotonic_s()):
            return False
        self.repeats += 1
        self.clock.sleep(wait_s)
        return True

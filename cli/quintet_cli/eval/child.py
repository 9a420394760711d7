"""One verb as a case runs it: as `ai` does, but at the moment and with the ids that it is given.

Run as a program with one JSON object: `words`, and for a throw-away home `now`, `seed`, `settings`.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from quintet.app.home import App
from quintet.platform.confine.guard import Guard
from quintet.platform.rng import SeededRng
from quintet_cli.console import Console
from quintet_cli.interruption import interrupt_on_signals
from quintet_cli.main import run
from quintet_cli.streams import prepare
from quintet_cli.tree import GROUPS

_FLAGS = ("--json", "--no-input")


class StandingClock:
    """A clock that shows one moment for good, and still measures how long things take."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, duration_s: float) -> None:
        time.sleep(duration_s)


def line_of(words: list[str], settings: list[str]) -> list[str]:
    """The command line: flags behind the verb, before words that may be another command's."""
    verb_at = 2 if words[0] in GROUPS else 1
    flags = [flag for flag in _FLAGS if flag not in words]
    given = [part for setting in settings for part in ("--config", setting)]
    return [*words[:verb_at], *flags, *given, *words[verb_at:]]


def _opener(given: dict[str, Any]) -> Callable[..., App]:
    guard = Guard()
    guard.install()
    if "now" not in given:
        return partial(App, guard=guard)
    # The ids repeat, and so do the keys: this home holds nothing but what the case brought.
    clock = StandingClock(datetime.fromisoformat(given["now"]))
    return partial(App, guard=guard, clock=clock, rng=SeededRng(given["seed"]))


def main() -> int:
    """Run the verb; the status is its own."""
    interrupt_on_signals()
    prepare()
    given = json.loads(sys.argv[1])
    console = Console(sys.stdout, sys.stderr, dict(os.environ))
    words = line_of(given["words"], given.get("settings", []))
    return run(words, console, _opener(given))


if __name__ == "__main__":
    sys.exit(main())

"""What adapters of models are made from in tests: the real HTTP client under the real rules."""

from collections.abc import Callable
from pathlib import Path

from quintet.models.registry import Services
from quintet.models.settings import ModelSettings
from quintet.platform.clock import Clock, SystemClock
from quintet.platform.http.client import Http
from quintet.platform.http.message import HttpSettings
from quintet.platform.keys.slots.vault import MemoryVault
from quintet.platform.policy.attempt import Attempt
from quintet.platform.policy.egress import Egress
from quintet.platform.policy.rule import LOCAL_MODELS, Rule
from quintet.platform.rng import SeededRng

QUICK = HttpSettings(connect_timeout_s=2)


class Attempts(list[Attempt]):
    """An attempt log that a test can look at."""


class OneRule:
    """Rules as they are without a rule file: model servers on this machine, nothing else."""

    def rules(self) -> list[Rule]:
        return [LOCAL_MODELS]


class NoFiles:
    """An empty catalogue."""

    def path_of(self, name: str) -> Path:
        raise LookupError(name)


def http_client(attempts: Attempts | None = None) -> Http:
    log = Attempts() if attempts is None else attempts
    egress = Egress(OneRule(), log, SystemClock())
    return Http(egress, clock=SystemClock(), rng=SeededRng(1))


def services(
    *,
    http: Callable[[], Http] = http_client,
    clock: Clock | None = None,
    env: dict[str, str] | None = None,
    http_settings: HttpSettings = QUICK,
    **settings: object,
) -> Services:
    return Services(
        http=http,
        clock=clock or SystemClock(),
        env=env or {},
        vault=MemoryVault(),
        files=NoFiles(),
        settings=ModelSettings(**{"timeout_s": 10.0, **settings}),
        http_settings=http_settings,
    )

"""Builds the pieces that use cases are handed, each when it is first asked for."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.platform.clock import Clock, SystemClock
from quintet.platform.files import ensure_private_dir
from quintet.platform.paths import Paths
from quintet.platform.progress import Progress, SilentProgress
from quintet.platform.rng import Rng, SystemRng

if TYPE_CHECKING:
    from quintet.app.mcp_servers import Servers
    from quintet.app.schedule import Schedule
    from quintet.app.trace import Traces
    from quintet.models.access import Models
    from quintet.platform.budget.budget import Budget
    from quintet.platform.config.config import Config
    from quintet.platform.confine.guard import Guard
    from quintet.platform.http.client import Http
    from quintet.platform.keys.effects import SlotEffects
    from quintet.platform.keys.keyset import Keyset
    from quintet.platform.keys.slots.vault import Vault
    from quintet.platform.keys.unlock import PassphraseSource
    from quintet.platform.policy.attempt import JournalAttemptLog
    from quintet.platform.policy.egress import Egress
    from quintet.platform.policy.gate import Gate
    from quintet.platform.policy.rulebook import Rulebook
    from quintet.platform.policy.shelf import Shelf
    from quintet.platform.record.effects.known import Effects
    from quintet.platform.record.effects.port import EffectHandler
    from quintet.platform.record.effects.row import RowHandler
    from quintet.platform.record.record import Record
    from quintet.platform.store.database import Database
    from quintet.retrieval.intake import Intake

_ACTOR_LENGTH = 80
_RECORD_SEGMENT_BYTES = 512 << 10

# Where the migrations of each database are; the spine's own view of the record is one of them.
DATABASES = {
    "spine": "quintet.platform.record",
    "edge": "quintet.retrieval",
    "life": "quintet.engines.life",
    "ops": "quintet.engines.ops",
    "trace": "quintet.platform.trace",
    "evals": "quintet.evals",
}


class App:
    """One installation of the user's, seen from one process.

    Everything is lazy: a command pays only for the pieces that it uses.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        cwd: Path | None = None,
        given: Sequence[str] = (),
        clock: Clock | None = None,
        rng: Rng | None = None,
        progress: Progress | None = None,
        passphrases: PassphraseSource | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.env = env
        self.cwd = cwd or Path.cwd()
        self.clock = clock or SystemClock()
        self.rng = rng or SystemRng()
        self.progress = progress or SilentProgress()
        self.given = given
        # The command line that is carried out; the record keeps it where that is wanted.
        self.words: tuple[str, ...] = ()
        # Ids of spans are drawn apart, so that what is traced changes no other id.
        self.trace_rng: Rng = SystemRng()
        self._passphrases = passphrases
        self._guard = guard
        self._databases: dict[str, Database] = {}
        self._intakes: dict[str, Intake] = {}

    @cached_property
    def paths(self) -> Paths:
        return Paths.from_environment(self.env)

    @cached_property
    def data_dir(self) -> Path:
        """The data folder, created on first use and closed to everyone else."""
        return ensure_private_dir(self.paths.data_dir)

    @cached_property
    def config(self) -> Config:
        from quintet.app.sections import SECTIONS
        from quintet.platform.config.load import load_config
        from quintet.platform.config.schema import Schema

        return load_config(
            Schema(SECTIONS), self.paths, env=self.env, cwd=self.cwd, given=self.given
        )

    @cached_property
    def keys(self) -> Keyset:
        from quintet.platform.keys.keyset import Keyset
        from quintet.platform.keys.session import session_for
        from quintet.platform.keys.settings import KeySettings
        from quintet.platform.keys.unlock import Unlocker

        settings = self.config.section("keys", KeySettings)
        unlocker = Unlocker(
            self.paths.config_dir,
            env=self.env,
            vault=self.vault,
            session=session_for(self.paths.runtime_dir, self.clock),
            passphrases=self._passphrases,
            command_timeout_s=settings.command_timeout_s,
        )
        return Keyset(self.paths, unlocker, clock=self.clock, rng=self.rng)

    @cached_property
    def vault(self) -> Vault:
        """The desktop's keyring, where there is one and it is wanted."""
        from quintet.platform.keys.settings import KeySettings
        from quintet.platform.keys.slots.vault import NoVault, vault_for

        settings = self.config.section("keys", KeySettings)
        return vault_for(self.env, settings.keyring_timeout_s) if settings.keyring else NoVault()

    @cached_property
    def slot_effects(self) -> SlotEffects:
        """Ways into the keys, added and removed under a recorded action."""
        from quintet.platform.keys.effects import SlotEffects

        return SlotEffects(self.keys)

    @cached_property
    def rows(self) -> RowHandler:
        """Changes of rows in any group's store, under a recorded action."""
        from quintet.platform.record.effects.row import RowHandler

        return RowHandler(self.database)

    @cached_property
    def record(self) -> Record:
        from quintet.platform.policy.plain import plain_text
        from quintet.platform.record.event import ACTOR_VARIABLE, CAUSE_VARIABLE
        from quintet.platform.record.record import Record
        from quintet.platform.record.settings import RecordSettings
        from quintet.platform.store.journal import Journal

        folder = ensure_private_dir(self.data_dir / "record")
        # Short segments: to read the last actions is to read the last segment.
        journal = Journal(folder / "journal", "record", segment_limit_bytes=_RECORD_SEGMENT_BYTES)
        record = Record(
            journal,
            folder,
            keys=self.keys,
            clock=self.clock,
            rng=self.rng,
            settings=self.config.section("record", RecordSettings),
            cause=self.env.get(CAUSE_VARIABLE, ""),
            folder=self.cwd,
        )
        if asked_by := self.env.get(ACTOR_VARIABLE, ""):
            record.actor = plain_text(asked_by)[:_ACTOR_LENGTH]
        record.words = self.words
        record.register_later(self._handlers)
        return record

    def _handlers(self) -> Iterator[EffectHandler]:
        """The kinds of effects beside files that this installation knows."""
        from quintet.app.mcp_servers import ServerEffects
        from quintet.models.catalog import Catalog
        from quintet.models.catalog_effects import ModelEffects
        from quintet.platform.budget.effects import BudgetEffects
        from quintet.platform.config.effects import SettingEffects, TrustEffects
        from quintet.platform.config.load import trust_of
        from quintet.platform.extras import PackageEffects
        from quintet.platform.policy.rule_effects import RuleEffects
        from quintet.platform.schedule.effects import CrontabEffects, ServiceEffects
        from quintet.platform.store.effects import StoreEffects
        from quintet.retrieval.effects import DocumentEffects

        yield PackageEffects()
        yield self.slot_effects
        yield StoreEffects(self.database)
        yield self.rows
        yield SettingEffects()
        yield TrustEffects(trust_of(self.paths))
        yield BudgetEffects(lambda: self.budget)
        yield RuleEffects(self.rulebook)
        yield ModelEffects(Catalog(self.data_dir / "models"))
        yield ServerEffects(self.mcp_servers)
        yield CrontabEffects(lambda: self.schedule.crontab)
        yield ServiceEffects(lambda: self.schedule.managers)
        yield DocumentEffects(self.intake)

    @cached_property
    def shelf(self) -> Shelf:
        """Plans that wait for somebody's word."""
        from quintet.platform.policy.gate import ConsentSettings
        from quintet.platform.policy.shelf import Shelf

        settings = self.config.section("consent", ConsentSettings)
        lifetime = timedelta(hours=settings.plan_lifetime_h)
        return Shelf(self.data_dir / "plans", self.clock, lifetime, self.keys)

    @cached_property
    def gate(self) -> Gate:
        from quintet.platform.policy.gate import Gate

        readers = _Readers(self.record.effects)
        return Gate(self.shelf, readers, self.clock, self.rng, user=_user_name())

    @cached_property
    def attempts(self) -> JournalAttemptLog:
        """What tried to leave this machine."""
        from quintet.platform.policy.attempt import JournalAttemptLog
        from quintet.platform.store.journal import Journal

        return JournalAttemptLog(Journal(ensure_private_dir(self.data_dir / "egress"), "egress"))

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rules for what may leave this machine."""
        from quintet.platform.policy.rulebook import Rulebook

        return Rulebook(self.paths.config_dir / "egress.toml")

    @cached_property
    def egress(self) -> Egress:
        from quintet.platform.policy.egress import Egress

        return Egress(self.rulebook, self.attempts, self.clock, self.gate)

    @cached_property
    def budget(self) -> Budget:
        from quintet.platform.budget.budget import LEASE_VARIABLE, Budget
        from quintet.platform.budget.limits import limits_of
        from quintet.platform.budget.settings import BudgetSettings

        return Budget(
            self.data_dir / "budget",
            limits_of(self.config.section("budget", BudgetSettings)),
            clock=self.clock,
            rng=self.rng,
            lease=self.env.get(LEASE_VARIABLE, ""),
        )

    @cached_property
    def http(self) -> Http:
        """The one way to other machines, which asks the egress rules first."""
        from quintet.platform.http.client import Http
        from quintet.platform.http.message import HttpSettings

        return Http(
            self.egress,
            clock=self.clock,
            rng=self.rng,
            settings=self.config.section("http", HttpSettings),
            passage=self._guard.passage if self._guard else None,
        )

    @cached_property
    def models(self) -> Models:
        from quintet.app.models import models_of

        return models_of(self)

    @cached_property
    def mcp_servers(self) -> Servers:
        """Servers of others whose tools may be called."""
        from quintet.app.mcp_servers import Servers

        return Servers(self.data_dir / "mcp" / "servers")

    @cached_property
    def schedule(self) -> Schedule:
        """The jobs, and what calls them."""
        from quintet.app.schedule import Schedule

        return Schedule(self)

    def database(self, name: str) -> Database:
        """A group's own store."""
        from quintet.platform.store.database import Database
        from quintet.platform.store.migrations import load_migrations

        if name not in self._databases:
            self._databases[name] = Database(
                name,
                ensure_private_dir(self.data_dir / "store"),
                load_migrations(DATABASES[name]),
                keys=self.keys,
                clock=self.clock,
            )
        return self._databases[name]

    def intake(self, group: str) -> Intake:
        """How files get into a group's index."""
        from quintet.app.documents import intake_of

        if group not in self._intakes:
            self._intakes[group] = intake_of(self, group)
        return self._intakes[group]

    def stores(self) -> list[Database]:
        """The stores in which there is something."""
        return [database for database in map(self.database, DATABASES) if database.exists]

    @cached_property
    def traces(self) -> Traces:
        """What was seen of this process and of others."""
        from quintet.app.trace import Traces

        return Traces(self)

    def refresh_view(self, name: str) -> None:
        """Bring tables that are a copy up to date, before somebody asks their store."""
        if name == "trace":
            self.traces.refresh()
        if name != "spine":
            return
        from quintet.platform.record.view import RecordView

        RecordView(self.record, self.database("spine")).refresh()


class _Readers:
    """The record's handlers as the gate asks for them; how a thing stands depends on no group."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects

    def get(self, kind: str) -> EffectHandler | None:
        from quintet.platform.record.effects.port import UnknownEffect

        try:
            return self._effects.handler(kind, "")
        except UnknownEffect:
            return None


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"

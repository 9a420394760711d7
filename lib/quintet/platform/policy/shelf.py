"""Plans that wait on disk for somebody's word, each until it is applied or too old.

`--dry-run` puts a plan here and `ai apply ID` takes it down again: what was shown is what is done,
even hours later and in another process. Plans of a group whose data is encrypted are sealed too.
"""

import base64
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, NotFound, QuintetError, UsageError
from quintet.platform.clock import Clock
from quintet.platform.crypto import Tampered, canonical_json, seal, unseal
from quintet.platform.files import ensure_private_dir, explained, read_bytes, write_atomic
from quintet.platform.keys.port import DataKeys, NoKeys
from quintet.platform.policy.plan import PLAN_ID_LENGTH, Plan, Risk
from quintet.platform.record.event import Effect, Reversal

_SCHEMA = "ai.plan/1"
_LIMIT_BYTES = 64 << 20
_ID = re.compile(rf"[0-9a-f]{{{PLAN_ID_LENGTH}}}")
_WAITING, _TAKEN = ".json", ".applied.json"


class PlanUnknown(NotFound):
    """No plan on the shelf has this id."""

    code = "plan.unknown"


class PlanAmbiguous(UsageError):
    """Several plans begin with these letters."""

    code = "plan.ambiguous"


class PlanDamaged(QuintetError):
    """What is on disk is not the plan that was put there."""

    kind = Kind.INTEGRITY
    code = "plan.damaged"


class PlanTaken(QuintetError):
    """A plan is applied once, and this one was."""

    kind = Kind.REFUSED
    code = "plan.already_applied"


@dataclass(frozen=True, slots=True)
class ShelvedPlan:
    """A plan with the time until which it may be applied."""

    plan: Plan
    made_at: datetime
    expires_at: datetime
    is_applied: bool = False

    def is_expired(self, now: datetime) -> bool:
        # A clock set back by more than the plan's age must not make it fresh for ever.
        return now >= self.expires_at or now < self.made_at - timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A private folder with one file a plan: `<id>.json`, renamed when the plan is taken down."""

    directory: Path
    clock: Clock
    lifetime: timedelta
    keys: DataKeys = field(default_factory=NoKeys)

    def put(self, plan: Plan) -> ShelvedPlan:
        """Keep a plan. The same plan put again becomes fresh again."""
        ensure_private_dir(self.directory)
        self._sweep()
        now = self.clock.now()
        shelved = ShelvedPlan(plan, now, now + self.lifetime)
        write_atomic(self._path(plan.id, _WAITING), self._encoded(shelved))
        return shelved

    def find(self, prefix: str) -> ShelvedPlan:
        """The one plan whose id begins so, waiting or already applied."""
        ids = sorted(id for id in self._ids() if id.startswith(prefix)) if prefix else []
        if not ids:
            raise PlanUnknown(
                f"there is no plan {prefix!r}",
                why="plans are kept until they are applied or expire",
                hint="ai plans",
            )
        if len(ids) > 1:
            raise PlanAmbiguous(
                f"{len(ids)} plans begin with {prefix!r}", why=", ".join(ids[:5]), hint="ai plans"
            )
        return self._load(ids[0])

    def plans(self) -> list[ShelvedPlan]:
        """Every readable plan, the newest first."""
        found: list[ShelvedPlan] = []
        for id in self._ids():
            # One damaged file must not hide the others; asking for it by name tells what is wrong.
            with contextlib.suppress(QuintetError):
                found.append(self._load(id))
        return sorted(found, key=lambda shelved: shelved.made_at, reverse=True)

    def take(self, plan: Plan, note: Mapping[str, str]) -> None:
        """Take a waiting plan down for good; of several who try at once, one succeeds."""
        waiting, taken = self._path(plan.id, _WAITING), self._path(plan.id, _TAKEN)
        with explained("take down the plan", waiting):
            try:
                waiting.rename(taken)
            except FileNotFoundError:
                raise PlanTaken(
                    f"plan {plan.id} was already applied",
                    why="a plan is applied once, exactly as it was approved",
                    hint="ai log",
                ) from None
        document = json.loads(read_bytes(taken, _LIMIT_BYTES))
        write_atomic(taken, canonical_json({**document, "approval": dict(note)}))

    def holds(self, plan: Plan) -> bool:
        """Whether this plan waits here."""
        return self._path(plan.id, _WAITING).exists()

    def _path(self, id: str, suffix: str) -> Path:
        return self.directory / f"{id}{suffix}"

    def _ids(self) -> Iterator[str]:
        with explained("list the plans in", self.directory):
            names = [p.name for p in self.directory.iterdir()] if self.directory.exists() else []
        yield from {name[:PLAN_ID_LENGTH] for name in names if _ID.match(name)}

    def _sweep(self) -> None:
        """Forget plans that expired a lifetime ago; until then a person can still see why not."""
        for shelved in self.plans():
            if self.clock.now() >= shelved.expires_at + self.lifetime:
                for suffix in (_WAITING, _TAKEN):
                    self._path(shelved.plan.id, suffix).unlink(missing_ok=True)

    def _encoded(self, shelved: ShelvedPlan) -> bytes:
        group = shelved.plan.group
        document: dict[str, Any] = {
            "schema": _SCHEMA,
            "group": group,
            "made_at": shelved.made_at.isoformat(),
            "expires_at": shelved.expires_at.isoformat(),
        }
        if self.keys.is_sealed(group):
            plain = canonical_json(asdict(shelved.plan))
            sealed = seal(self.keys.data_key(group), plain, _context(shelved.plan.id))
            document["sealed"] = base64.b64encode(sealed).decode()
        else:
            document["plan"] = asdict(shelved.plan)
        return canonical_json(document)

    def _load(self, id: str) -> ShelvedPlan:
        waiting = self._path(id, _WAITING)
        path = waiting if waiting.exists() else self._path(id, _TAKEN)
        data = read_bytes(path, _LIMIT_BYTES)
        try:
            document = json.loads(data)
            plan = _plan_from(self._opened(id, document))
            made_at = datetime.fromisoformat(document["made_at"])
            expires_at = datetime.fromisoformat(document["expires_at"])
            is_aware = made_at.tzinfo is not None and expires_at.tzinfo is not None
            is_meant = is_aware and plan.id == id
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _damaged(id, path, f"it is not a plan ({error})") from error
        if not is_meant:
            raise _damaged(id, path, "its content is not what the id stands for")
        return ShelvedPlan(plan, made_at, expires_at, is_applied=path.name.endswith(_TAKEN))

    def _opened(self, id: str, document: Any) -> Any:
        if "sealed" not in document:
            return document["plan"]
        sealed = base64.b64decode(document["sealed"], validate=True)
        for key in self.keys.candidates(document["group"]):
            with contextlib.suppress(Tampered):
                return json.loads(unseal(key, sealed, _context(id)))
        raise Tampered(f"plan {id} does not open", why="the key is wrong or the file was changed")


def _context(id: str) -> bytes:
    return f"plan:{id}".encode()


def _damaged(id: str, path: Path, why: str) -> PlanDamaged:
    return PlanDamaged(
        f"plan {id} cannot be trusted", why=why, hint=f"make it again; this one is in {path}"
    )


def _plan_from(value: Any) -> Plan:
    """The plan that these JSON values describe; raises what wrong types raise."""
    fields = cast("dict[str, Any]", value)
    effects = tuple(_effect_from(effect) for effect in fields["effects"])
    return Plan(
        group=fields["group"],
        verb=fields["verb"],
        summary=fields["summary"],
        effects=effects,
        reasons=tuple(fields["reasons"]),
        risk=Risk(fields["risk"]),
    )


def _effect_from(value: Any) -> Effect:
    return Effect(**{**value, "reversal": Reversal(value["reversal"])})

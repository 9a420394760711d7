"""The one gate for what needs a person: a plan is shown, approved, and then done exactly so.

Mild plans pass. Moderate ones want a yes, which `--yes` may give. Severe ones want a word typed by
a person, which `--yes` never gives. Where nobody can be asked the plan is kept, and the failure
names the command that carries it out.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from quintet.errors import Kind, QuintetError
from quintet.platform.clock import Clock
from quintet.platform.crypto import canonical_json
from quintet.platform.policy.literal import effect_lines
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.shelf import PlanTaken, Shelf, ShelvedPlan
from quintet.platform.record.event import Effect
from quintet.platform.rng import Rng, new_id

_TYPEABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,39}")
_HABITUAL = frozenset({"yes", "yep", "true", "okay"})
_SHORT_ID_LENGTH = 6


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """How long a plan may wait."""

    plan_lifetime_h: float = field(
        default=24.0, metadata={"help": "Hours after which a plan that was not applied expires."}
    )


class NeedsApproval(QuintetError):
    """A person must say yes, and none can be asked here."""

    kind = Kind.NEEDS_APPROVAL
    code = "plan.needs_approval"


class PlanRefused(QuintetError):
    """A plan that will not be carried out."""

    kind = Kind.REFUSED
    code = "plan.refused"


class PlanDeclined(PlanRefused):
    """The person said no, or typed something else."""

    code = "plan.declined"


class PlanExpired(PlanRefused):
    """The approval or the plan is too old."""

    code = "plan.expired"


class WorldChanged(PlanRefused):
    """Something is no longer as the plan saw it."""

    code = "plan.world_changed"


class Asker(Protocol):
    """Puts a plan before whoever decides. It must show the literal effects, not the summary alone.

    `how` names the way the answer came and goes on record: terminal, --yes, mcp.
    """

    @property
    def how(self) -> str: ...

    def confirms(self, plan: Plan) -> bool:
        """Whether the answer is yes."""
        ...

    def typed(self, plan: Plan, word: str) -> str | None:
        """What the person typed when asked for this word; None where no person can type."""
        ...


class YesAsker:
    """`--yes`: a person's standing yes, which does not reach severe plans."""

    how = "--yes"

    def confirms(self, plan: Plan) -> bool:
        return True

    def typed(self, plan: Plan, word: str) -> str | None:
        return None


class StateReader(Protocol):
    """Tells how the world stands for one kind of effect, in the words of `before` and `after`."""

    def state(self, target: str) -> Any: ...


class Readers(Protocol):
    """Finds the reader for a kind of effect; a dictionary will do."""

    def get(self, kind: str, /) -> StateReader | None: ...


@dataclass(frozen=True, slots=True)
class Approval:
    """A yes to exactly one plan, good for one use."""

    id: str
    plan: Plan
    digest: str
    at: datetime
    by: str
    how: str

    @property
    def words(self) -> str:
        """For the record: who approved what, when and how."""
        if self.plan.risk is Risk.MILD:
            return f"plan {self.plan.id} is mild and needs no approval"
        stamp = self.at.isoformat(timespec="seconds")
        return f"plan {self.plan.id} approved by {self.by} at {stamp} through {self.how}"


@dataclass(slots=True)
class Gate:
    """Approves plans and sees that each approval is used once, on the world that was approved."""

    shelf: Shelf
    readers: Readers
    clock: Clock
    rng: Rng
    user: str
    approval_lifetime: timedelta = timedelta(hours=1)
    _open: dict[str, Approval] = field(default_factory=dict[str, Approval], init=False)
    _spent_effects: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]], init=False)

    def propose(self, plan: Plan) -> ShelvedPlan:
        """Keep a plan for `ai apply`, as `--dry-run` does."""
        return self.shelf.put(plan)

    def approve(self, plan: Plan, asker: Asker | None) -> Approval:
        """Somebody's yes to this plan; raises `NeedsApproval` or `PlanDeclined` without one."""
        how = "the risk ladder" if plan.risk is Risk.MILD else self._asked(plan, asker)
        approval = Approval(
            id=new_id(self.rng),
            plan=plan,
            digest=plan.digest,
            at=self.clock.now(),
            by=self.user,
            how=how,
        )
        self._open[approval.id] = approval
        return approval

    def take_down(self, prefix: str) -> Plan:
        """The plan on the shelf with this id, if it may still be applied to this world."""
        shelved = self.shelf.find(prefix)
        plan = shelved.plan
        if shelved.is_applied:
            raise PlanTaken(f"plan {plan.id} was already applied", hint="ai log")
        if shelved.is_expired(self.clock.now()):
            raise PlanExpired(
                f"plan {plan.id} has expired",
                why=f"it was made at {shelved.made_at:%Y-%m-%d %H:%M} UTC, too long ago to trust",
                hint=_again(plan),
            )
        self.require_unchanged(plan)
        return plan

    def redeem(self, approval: Approval) -> None:
        """Use an approval up, immediately before the first effect of its plan is applied."""
        plan = self._plan_of(approval)
        self.require_unchanged(plan)
        del self._open[approval.id]
        if self.shelf.holds(plan):
            note = {"by": approval.by, "at": approval.at.isoformat(), "how": approval.how}
            self.shelf.take(plan, note)

    def redeem_effect(self, approval: Approval, effect: Effect) -> None:
        """Use an approval up for one effect of its plan, where effects happen one by one."""
        plan = self._plan_of(approval)
        free = (
            index
            for index, planned in enumerate(plan.effects)
            if _is_same(planned, effect) and (approval.id, index) not in self._spent_effects
        )
        index = next(free, None)
        if index is None:
            raise PlanRefused(
                f"plan {plan.id} does not cover this {effect.kind}",
                why=f"{effect.target} is not an unused part of what was approved",
                hint=_again(plan),
            )
        self._spent_effects.add((approval.id, index))

    def require_unchanged(self, plan: Plan) -> None:
        """Raise `WorldChanged` unless every target is as the plan saw it."""
        seen: set[tuple[str, str]] = set()
        for effect in plan.effects:
            place = (effect.kind, effect.target)
            # A later effect on the same target starts from what the earlier one leaves.
            if place not in seen:
                seen.add(place)
                self._require_state(plan, effect)

    def _require_state(self, plan: Plan, effect: Effect) -> None:
        reader = self.readers.get(effect.kind)
        if reader is None:
            raise PlanRefused(
                f"plan {plan.id} has an effect that nothing here can apply",
                why=f"no part of this installation knows effects of kind {effect.kind!r}",
                hint="ai doctor",
            )
        if canonical_json(reader.state(effect.target)) != canonical_json(effect.before):
            raise WorldChanged(
                f"plan {plan.id} no longer fits",
                why=f"{effect.target} changed after the plan was made",
                hint=_again(plan),
                details={"plan": plan.id, "target": effect.target},
            )

    def _asked(self, plan: Plan, asker: Asker | None) -> str:
        if asker is None:
            raise self._without_a_person(plan, "nobody can be asked here")
        if plan.risk is Risk.MODERATE:
            is_yes = asker.confirms(plan)
        else:
            word = word_to_type(plan)
            typed = asker.typed(plan, word)
            if typed is None:
                raise self._without_a_person(
                    plan, f"it is severe: a person must type a word, {asker.how} is not enough"
                )
            is_yes = typed.strip() == word
        if not is_yes:
            raise PlanDeclined(f"plan {plan.id} was declined", why="nothing was changed")
        return asker.how

    def _without_a_person(self, plan: Plan, why: str) -> NeedsApproval:
        self.shelf.put(plan)
        return NeedsApproval(
            f"this needs your approval: {plan.summary}",
            why=why,
            hint=f"ai apply {plan.id}",
            details={
                "plan": plan.id,
                "risk": plan.risk,
                "effects": len(plan.effects),
                "literal": effect_lines(plan),
            },
        )

    def _plan_of(self, approval: Approval) -> Plan:
        # Compared with what this gate issued: an approval that somebody else made opens nothing.
        if self._open.get(approval.id) != approval:
            raise PlanRefused(
                "this approval cannot be used",
                why="it was used already, or this gate never gave it",
                hint=_again(approval.plan),
            )
        if approval.plan.digest != approval.digest:
            raise PlanRefused(
                "the plan is not the one that was approved",
                why="its content changed after the approval",
                hint=_again(approval.plan),
            )
        if self.clock.now() - approval.at > self.approval_lifetime:
            raise PlanExpired(
                f"the approval of plan {approval.plan.id} has expired", hint=_again(approval.plan)
            )
        return approval.plan


def word_to_type(plan: Plan) -> str:
    """What a person types for a severe plan: the name of its one target, or the plan's short id.

    Never something that fingers type by habit, and never a name that could mislead the eye.
    """
    targets = {effect.target for effect in plan.effects}
    name = targets.pop().rstrip("/").rpartition("/")[2] if len(targets) == 1 else ""
    if _TYPEABLE.fullmatch(name) and name.lower() not in _HABITUAL:
        return name
    return plan.id[:_SHORT_ID_LENGTH]


def _is_same(planned: Effect, effect: Effect) -> bool:
    """Whether two effects change the world alike; a note only tells people about it."""
    return (planned.kind, planned.target, planned.before, planned.after) == (
        effect.kind,
        effect.target,
        effect.before,
        effect.after,
    )


def _again(plan: Plan) -> str:
    return f"ai {plan.group} {plan.verb} --dry-run"

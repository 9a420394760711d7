"""Carries an approved plan out: exactly its effects, in its order, under one recorded action."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from quintet.platform.policy.gate import Approval, Asker, Gate
from quintet.platform.record.event import Effect


class Act(Protocol):
    """The part of a recorded action that a plan needs."""

    @property
    def id(self) -> str: ...

    def because(self, reason: str) -> None: ...

    def decided(self, policy: str) -> None: ...

    def apply_all(self, effects: Sequence[Effect]) -> None: ...


class Recorder(Protocol):
    """The part of the record that a plan needs."""

    def action(self, group: str, verb: str, summary: str) -> AbstractContextManager[Act]: ...


def apply_plan(prefix: str, asker: Asker | None, *, gate: Gate, record: Recorder) -> Act:
    """Take a plan off the shelf, have it approved, and carry it out."""
    approval = gate.approve(gate.take_down(prefix), asker)
    return carry_out(approval, gate=gate, record=record)


def carry_out(approval: Approval, *, gate: Gate, record: Recorder) -> Act:
    """Apply the effects of the approved plan; the approval is used up by it."""
    plan = approval.plan
    with record.action(plan.group, plan.verb, plan.summary) as action:
        for reason in plan.reasons:
            action.because(reason)
        action.decided(approval.words)
        gate.redeem(approval)
        action.apply_all(plan.effects)
    return action

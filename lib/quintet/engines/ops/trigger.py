"""Carries a workflow out for an event: once for each event, as one action that can be undone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quintet.engines.ops.event import Event
from quintet.engines.ops.planning import Planner
from quintet.engines.ops.workflow import Workflow
from quintet.errors import Kind, QuintetError
from quintet.platform.policy.label import Label
from quintet.platform.policy.plan import Plan
from quintet.platform.record.effects.row import RowHandler, RowTarget
from quintet.platform.record.event import Effect, Evidence, Outcome

if TYPE_CHECKING:
    from quintet.platform.policy.gate import Asker, Gate
    from quintet.platform.record.action import Action
    from quintet.platform.record.record import Record

DATABASE = "ops"


class EventConflict(QuintetError):
    """Two different events came with one id."""

    kind = Kind.REFUSED
    code = "ops.event_conflict"


class RunCutOff(QuintetError):
    """A run was killed between two of its steps."""

    code = "ops.run_cut_off"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where events are dealt with: the record, the rows, the gate."""

    record: "Record"
    rows: RowHandler
    gate: "Gate"

    def plan(self, workflow: Workflow, event: Event, planner: Planner) -> Plan | None:
        """What would be done; None when this event was dealt with already."""
        self._require_same(event)
        receipt = self._receipt(workflow, event)
        return None if receipt.before else planner.plan(workflow, event, receipt)

    def trigger(self, plan: Plan, event: Event, asker: "Asker | None") -> "Action":
        """Take the event in, have the plan approved, do exactly what it says."""
        cause = self._take_in(event)
        approval = self.gate.approve(plan, asker)
        labels = (Label.UNTRUSTED,)
        with self.record.action(
            plan.group, plan.verb, plan.summary, cause=cause, labels=labels
        ) as action:
            for reason in plan.reasons:
                action.because(reason)
            action.because("what the event said", _evidence(event))
            action.decided(approval.words)
            self.gate.redeem(approval)
            action.apply_all(plan.effects)
        return action

    def _take_in(self, event: Event) -> str:
        """The event as an action of its own, from which everything that follows is caused."""
        target = RowTarget(DATABASE, "events", {"id": event.id})
        known = self.rows.state(str(target))
        if known is not None:
            self._require_finished(known["action"])
            return known["action"]
        with self.record.action(
            "ops", "event", f"{event.type} {event.id}", actor="event", labels=(Label.UNTRUSTED,)
        ) as action:
            action.because("it arrived from outside", _evidence(event))
            said = {"type": event.type, "body": event.body, "digest": event.digest}
            action.apply(self.rows.change(target, {**said, "action": action.id}))
        return action.id

    def _require_same(self, event: Event) -> None:
        known = self.rows.state(str(RowTarget(DATABASE, "events", {"id": event.id})))
        if known is not None and known["digest"] != event.digest:
            raise EventConflict(
                f"event {event.id} came before, and said something else then",
                why="an id stands for one event; this one has the same id and other content",
                hint=f"ai show {known['action'][:6]}",
            )

    def _require_finished(self, arrival: str) -> None:
        """A run that was killed midway has to be taken back before the event is dealt with anew."""
        for event in self.record.history().events():
            if event.cause == arrival and event.outcome is Outcome.OPEN and event.effects:
                raise RunCutOff(
                    f"an earlier run for this event was cut off: {event.id[:6]}",
                    why="some of its steps were taken, others were not",
                    hint=f"ai undo {event.id[:6]}",
                )

    def _receipt(self, workflow: Workflow, event: Event) -> Effect:
        row = RowTarget(DATABASE, "receipts", {"id": f"{workflow.name} {event.id}"})
        return self.rows.change(
            row,
            {
                "workflow": workflow.name,
                "workflow_digest": workflow.digest,
                "event": event.id,
                "event_digest": event.digest,
            },
        )


def _evidence(event: Event) -> Evidence:
    return Evidence("event", event.id, event.type, event.digest)

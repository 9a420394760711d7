"""An event is dealt with once, as one action with a cause, and undoing it leaves no trace."""

import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from quintet.engines.ops.event import Event, parse_event
from quintet.engines.ops.planning import Planner, StepImpossible
from quintet.engines.ops.trigger import Desk, EventConflict, RunCutOff
from quintet.engines.ops.workflow import Workflow
from quintet.engines.ops.workflow_file import parse_workflow
from quintet.platform.clock import FakeClock
from quintet.platform.policy.gate import Asker, Gate, NeedsApproval, PlanDeclined
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.policy.shelf import Shelf
from quintet.platform.record.effects.row import RowHandler
from quintet.platform.record.event import Effect, Outcome
from quintet.platform.record.event import Event as Recorded
from quintet.platform.record.undo import Undo
from quintet.platform.rng import SeededRng
from quintet.platform.store.database import Database
from quintet.platform.store.migrations import load_migrations
from support.consent import Person
from support.histories import record_at, tree_of

SHIPPED = files("quintet.engines.ops") / "workflows" / "invoice-received.toml"
INVOICE = parse_workflow(SHIPPED.read_bytes(), Path("invoice-received.toml"))
DATA = {"vendor": "Acme", "number": "2026-117", "date": "2026-11-20", "amount": 420.50}


class Office:
    """A folder of files, a real record and store, and a desk at which events are dealt with."""

    def __init__(self, home: Path, seed: int = 1, rows: type[RowHandler] = RowHandler) -> None:
        self.files = home / "files"
        (self.files / "inbox").mkdir(parents=True, exist_ok=True)
        self.record = record_at(home / "record", seed=seed)
        self.database = Database("ops", home / "store", load_migrations("quintet.engines.ops"))
        self.rows = rows(lambda _: self.database)
        self.record.register(self.rows)
        shelf = Shelf(home / "plans", FakeClock(), timedelta(hours=1))
        self.gate = Gate(shelf, Handlers(self), FakeClock(), SeededRng(seed), user="ines")
        self.desk = Desk(self.record, self.rows, self.gate)

    def plan(self, event: Event, workflow: Workflow = INVOICE) -> Plan | None:
        changes = self.record.effects.changes("ops")
        keep = self.record.vault.shelf("ops").keep_bytes
        planner = Planner(self.files.resolve(), changes, keep)
        return self.desk.plan(workflow, event, planner)

    def trigger(
        self, event: Event, asker: Asker | None = None, workflow: Workflow = INVOICE
    ) -> str:
        """The action's id; empty when there was nothing to do."""
        plan = self.plan(event, workflow)
        return "" if plan is None else self.desk.trigger(plan, event, asker).id

    def recorded(self, id: str) -> Recorded:
        event = self.record.history().find(id)
        assert event is not None
        return event

    def undo(self, *ids: str) -> None:
        undo = Undo(self.record)
        undo.apply(undo.plan([self.recorded(id) for id in ids]))

    def receipts(self) -> int:
        with self.database.read() as connection:
            return int(connection.value("SELECT count(*) FROM receipts"))


@dataclass(frozen=True, slots=True)
class Handlers:
    """The gate looks at the world through the record's handlers."""

    office: Office

    def get(self, kind: str) -> object:
        return self.office.record.effects.handler(kind, "ops")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def invoice(id: str = "e-1", **changes: object) -> Event:
    raw = json.dumps({"id": id, "data": {**DATA, **changes}})
    return parse_event(raw.encode(), INVOICE)


def workflow(steps: str) -> Workflow:
    text = SHIPPED.read_text()
    return parse_workflow((text[: text.index("[steps.ask]")] + steps).encode(), Path("w.toml"))


@pytest.mark.demand("OPS-2")
def test_an_invoice_is_filed_and_entered(office: Office) -> None:
    (office.files / "inbox" / "a.pdf").write_bytes(b"%PDF")
    office.trigger(invoice(file="inbox/a.pdf"))
    filed = office.files / "invoices" / "2026" / "11" / "Acme 2026-117.pdf"
    assert filed.read_bytes() == b"%PDF"
    ledger = (office.files / "ledger.csv").read_text()
    assert ledger == "date,vendor,number,amount\n2026-11-20,Acme,2026-117,420.5\n"


@pytest.mark.demand("OPS-2")
def test_the_run_names_its_event_as_its_cause_and_says_why(office: Office) -> None:
    run = office.recorded(office.trigger(invoice()))
    arrival = office.recorded(run.cause)
    assert (arrival.verb, arrival.actor) == ("event", "event")
    assert run.outcome is Outcome.DONE
    assert run.labels == ("untrusted",)
    assert "ask is left out: not amount > 1000" in run.reasons
    assert any(reason.startswith("enter: ledger.csv gets") for reason in run.reasons)
    assert {evidence.ref for evidence in run.evidence} == {"e-1"}
    assert "mild" in run.policy


@pytest.mark.demand("OPS-3")
def test_the_same_event_twice_does_nothing_the_second_time(office: Office) -> None:
    office.trigger(invoice())
    before = tree_of(office.files)
    count = len(office.record.history().events())
    assert office.trigger(invoice()) == ""
    assert tree_of(office.files) == before
    assert len(office.record.history().events()) == count


@pytest.mark.demand("OPS-3")
def test_another_event_under_the_same_id_is_refused(office: Office) -> None:
    office.trigger(invoice())
    with pytest.raises(EventConflict):
        office.trigger(invoice(amount=9))


@pytest.mark.demand("OPS-2")
def test_undoing_the_run_restores_files_and_lets_the_event_come_again(office: Office) -> None:
    (office.files / "inbox" / "a.pdf").write_bytes(b"%PDF")
    (office.files / "ledger.csv").write_text("date,vendor,number,amount")
    before = tree_of(office.files)
    office.undo(office.trigger(invoice(file="inbox/a.pdf")))
    assert tree_of(office.files) == before
    assert office.receipts() == 0
    assert office.trigger(invoice(file="inbox/a.pdf")) != ""


@pytest.mark.demand("OPS-4")
def test_a_large_invoice_waits_for_a_yes_and_nothing_happens_before(office: Office) -> None:
    with pytest.raises(NeedsApproval) as caught:
        office.trigger(invoice(amount=5000))
    assert tree_of(office.files).keys() == {"inbox"}
    assert caught.value.hint.startswith("ai apply ")
    with pytest.raises(PlanDeclined):
        office.trigger(invoice(amount=5000), Person(says_yes=False))
    assert tree_of(office.files).keys() == {"inbox"}
    id = office.trigger(invoice(amount=5000), Person())
    assert "approved by ines" in office.recorded(id).policy
    assert (office.files / "ledger.csv").exists()
    arrivals = [event for event in office.record.history().events() if event.verb == "event"]
    assert len(arrivals) == 1


@pytest.mark.demand("OPS-4")
def test_a_plan_that_waited_on_the_shelf_does_exactly_what_it_said(office: Office) -> None:
    from quintet.platform.policy.apply import apply_plan

    with pytest.raises(NeedsApproval) as caught:
        office.trigger(invoice(amount=5000))
    plan_id = str(caught.value.details["plan"])
    apply_plan(plan_id, Person(), gate=office.gate, record=office.record)  # type: ignore[arg-type]
    assert "Acme" in (office.files / "ledger.csv").read_text()
    assert office.trigger(invoice(amount=5000), Person()) == ""


@pytest.mark.demand("OPS-4")
def test_a_plan_is_refused_when_the_world_changed_since(office: Office) -> None:
    plan = office.plan(invoice())
    assert plan is not None
    (office.files / "ledger.csv").write_text("someone else was here\n")
    with pytest.raises(Exception, match="no longer fits"):
        office.desk.trigger(plan, invoice(), None)
    assert (office.files / "ledger.csv").read_text() == "someone else was here\n"


def test_an_automatic_run_is_mild_and_an_asking_one_is_not(office: Office) -> None:
    mild, asking = office.plan(invoice()), office.plan(invoice("e-2", amount=5000))
    assert mild is not None
    assert asking is not None
    assert (mild.risk, asking.risk) == (Risk.MILD, Risk.MODERATE)
    assert "ask, since amount > 1000: Acme wants 5000. File and enter it?" in asking.reasons


def test_a_plan_touches_nothing(office: Office) -> None:
    before = tree_of(office.files)
    office.plan(invoice())
    assert tree_of(office.files) == before
    assert office.receipts() == 0
    assert office.record.history().events() == []


@pytest.mark.demand("OPS-4")
def test_what_a_spreadsheet_would_run_is_defused(office: Office) -> None:
    office.trigger(invoice(vendor='=HYPERLINK("http://evil","x")', amount=-5))
    line = (office.files / "ledger.csv").read_text().splitlines()[1]
    assert line == '2026-11-20,"\'=HYPERLINK(""http://evil"",""x"")",2026-117,-5'


@pytest.mark.demand("OPS-4")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"file": "/etc/passwd"}, "is not inside"),
        ({"file": "inbox/missing.pdf"}, "there is no file"),
        ({"file": "inbox"}, "there is no file"),
        ({"file": "out/secret"}, "is not inside"),
        ({"file": "inbox/a.pdf", "vendor": "../../x"}, "cannot be part of a file's name"),
        (
            {"file": "inbox/a.pdf", "vendor": "x" * 199, "number": "y" * 199},
            "is too long for a name",
        ),
    ],
)
def test_no_event_reaches_outside_the_folder(
    office: Office, tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    (office.files / "inbox" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "secret").write_text("secret")
    (office.files / "out").symlink_to(tmp_path)
    with pytest.raises(StepImpossible) as caught:
        office.trigger(invoice(**changes))
    assert says in caught.value.why
    assert not (office.files / "ledger.csv").exists()


def test_a_name_that_is_taken_stops_the_run_before_it_begins(office: Office) -> None:
    (office.files / "inbox" / "a.pdf").write_bytes(b"%PDF")
    target = office.files / "invoices" / "2026" / "11" / "Acme 2026-117.pdf"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"other")
    with pytest.raises(StepImpossible, match="none was"):
        office.trigger(invoice(file="inbox/a.pdf"))
    assert target.read_bytes() == b"other"


def test_several_steps_on_one_file_see_each_others_work(office: Office) -> None:
    steps = "".join(
        f'[steps.s{i}]\naction = "file.append"\npath = "log.txt"\ntext = "{i} {{vendor}}"\n'
        for i in range(3)
    )
    office.trigger(invoice(), workflow=workflow(steps))
    assert (office.files / "log.txt").read_text() == "0 Acme\n1 Acme\n2 Acme\n"


def test_a_file_is_replaced_only_where_the_workflow_says_so(office: Office) -> None:
    (office.files / "state").write_text("old")
    step = '[steps.s]\naction = "file.write"\npath = "state"\ntext = "{vendor}"\n'
    with pytest.raises(StepImpossible, match="none was"):
        office.trigger(invoice(), workflow=workflow(step))
    office.trigger(invoice(), workflow=workflow(step + "replace = true\n"))
    assert (office.files / "state").read_text() == "Acme"


def test_moving_what_another_step_writes_is_refused(office: Office) -> None:
    steps = (
        '[steps.a]\naction = "file.write"\npath = "x"\ntext = "1"\n'
        '[steps.b]\naction = "file.move"\nfrom = "x"\nto = "y"\n'
    )
    with pytest.raises(StepImpossible) as caught:
        office.trigger(invoice(), workflow=workflow(steps))
    assert "cannot be moved" in caught.value.why


def _trigger_in_a_process(home: Path, seed: int, start: Callable[[], object]) -> None:
    office = Office(home, seed)
    start()
    try:
        office.trigger(invoice())
    except Exception:
        return


@pytest.mark.slow
@pytest.mark.demand("OPS-3")
def test_four_processes_with_one_event_do_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    Office(tmp_path).receipts()
    barrier = context.Barrier(4)
    workers = [
        context.Process(target=_trigger_in_a_process, args=(tmp_path, seed, barrier.wait))
        for seed in range(10, 14)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    office = Office(tmp_path)
    assert len((office.files / "ledger.csv").read_text().splitlines()) == 2
    assert office.receipts() == 1


class DyingRows(RowHandler):
    """The process ends, as by kill -9, when the receipt is to be written."""

    def apply_all(self, effects: Sequence[Effect]) -> None:
        if any(".receipts " in effect.target for effect in effects):
            os._exit(9)
        super().apply_all(effects)


@pytest.mark.demand("OPS-3")
def test_a_run_that_was_cut_off_is_named_and_can_be_taken_back(
    office: Office, tmp_path: Path
) -> None:
    def run_and_die() -> None:
        Office(tmp_path, 7, DyingRows).trigger(invoice())

    worker = multiprocessing.get_context("fork").Process(target=run_and_die)
    worker.start()
    worker.join(60)
    assert worker.exitcode == 9
    assert (office.files / "ledger.csv").exists()
    with pytest.raises(RunCutOff) as caught:
        office.trigger(invoice())
    (cut_off,) = [e for e in office.record.history().events() if e.outcome is Outcome.OPEN]
    assert caught.value.hint == f"ai undo {cut_off.id[:6]}"
    office.undo(cut_off.id)
    assert not (office.files / "ledger.csv").exists()
    assert office.trigger(invoice()) != ""

"""A workflow file is read strictly, and each mistake is named with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.ops.workflow import Append, Approve, Move, Workflow
from quintet.engines.ops.workflow_file import WorkflowInvalid, parse_workflow

PATH = Path("flow.toml")
GOOD = """\
workflow = 1
name = "invoice"
[trigger]
type = "invoice.received"
[trigger.data]
vendor = "text"
amount = "number"
file = "path?"
[steps.ask]
action = "approve"
when = "amount > 1000"
text = "Pay {vendor}?"
[steps.enter]
action = "file.append"
path = "ledger.csv"
header = ["vendor", "amount"]
row = ["{vendor}", "{amount}"]
[steps.file]
action = "file.move"
from = "{file}"
to = "invoices/{vendor}.pdf"
"""


def parse(text: str) -> Workflow:
    return parse_workflow(text.encode(), PATH)


def problems(text: str) -> list[str]:
    with pytest.raises(WorkflowInvalid) as caught:
        parse(text)
    found = caught.value.details["problems"]
    assert isinstance(found, list)
    return found


def test_a_good_file_is_understood_whole() -> None:
    workflow = parse(GOOD)
    assert (workflow.name, workflow.event_type) == ("invoice", "invoice.received")
    assert not workflow.fields["file"].is_required
    assert [step.id for step in workflow.steps] == ["ask", "enter", "file"]
    ask, enter, file = (step.action for step in workflow.steps)
    assert isinstance(ask, Approve)
    assert isinstance(enter, Append)
    assert isinstance(file, Move)
    assert len(workflow.digest) == 64


@pytest.mark.demand("OPS-1")
@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        (
            'action = "approve"',
            'action = "aprove"',
            "flow.toml:10: steps.ask: 'aprove' is no action",
        ),
        (
            "amount > 1000",
            "amuont > 1000",
            "flow.toml:11: steps.ask: 'when': the event has no field",
        ),
        (
            "Pay {vendor}?",
            "Pay {vendr}?",
            "flow.toml:12: steps.ask: 'text': the event has no field",
        ),
        (
            'when = "amount',
            'whem = "amount',
            "flow.toml:11: steps.ask: 'whem' is unknown; did you mean",
        ),
        ('path = "ledger.csv"', "path = 3", "flow.toml:15: steps.enter: 'path' must be text"),
        ('path = "ledger.csv"\n', "", "steps.enter: 'path' is missing"),
        (
            '"vendor", "amount"]',
            '"vendor"]',
            "flow.toml:16: steps.enter: 'header' has 1 columns and 'row' 2",
        ),
        ('row = ["{vendor}", "{amount}"]', 'text = "a"\nrow = ["b"]', "either 'text' or 'row'"),
        (
            '["{vendor}", "{amount}"]',
            '["{vendor}", 3]',
            "flow.toml:17: steps.enter: 'row' must be a list",
        ),
        (
            'amount = "number"',
            'amount = "money"',
            "flow.toml:7: trigger.data: 'money' is no kind of value",
        ),
        ('amount = "number"', 'and = "number"', "'and' cannot be the name of a field"),
        ("workflow = 1", "workflow = 2", "flow.toml:1: format 2 is unknown"),
        ("workflow = 1", "", "'workflow' is missing"),
        ('name = "invoice"', 'name = "In voice"', "flow.toml:2: 'In voice' is no name"),
        ('type = "invoice.received"', "", "trigger: 'type' is missing"),
    ],
)
def test_each_mistake_is_named_with_its_line(good: str, bad: str, says: str) -> None:
    assert good in GOOD
    assert any(says in problem for problem in problems(GOOD.replace(good, bad, 1)))


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("approve", "aprove").replace("{vendor}.pdf", "{x}.pdf")
    assert len(problems(text)) == 2


def test_a_workflow_without_steps_is_none() -> None:
    text = GOOD[: GOOD.index("[steps.ask]")] + "[steps]\n"
    assert "1 to 100 steps" in problems(text)[0]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"= 1", b"a" * 10, b"[" * 5000, b"x = 1"])
def test_what_is_no_workflow_at_all_is_refused(raw: bytes) -> None:
    with pytest.raises(WorkflowInvalid):
        parse_workflow(raw, PATH)


def test_a_line_that_is_not_toml_is_named() -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        parse(GOOD.replace('name = "invoice"', "name = invoice"))
    assert caught.value.what == "flow.toml:2 is not TOML"


@given(st.integers(0, len(GOOD) - 1), st.text(max_size=3))
def test_no_damage_to_a_file_makes_reading_it_fail_unnamed(at: int, inserted: str) -> None:
    text = GOOD[:at] + inserted + GOOD[at + 1 :]
    try:
        parse_workflow(text.encode("utf-8", "surrogatepass"), PATH)
    except WorkflowInvalid:
        return


def test_the_workflow_that_is_shipped_is_sound() -> None:
    from importlib.resources import files

    folder = files("quintet.engines.ops") / "workflows"
    names = [file.name for file in folder.iterdir()]
    assert "invoice-received.toml" in names
    for name in names:
        workflow = parse_workflow((folder / name).read_bytes(), Path(name))
        assert name == f"{workflow.name}.toml"


def test_the_sample_for_people_is_the_one_that_is_shipped() -> None:
    from importlib.resources import files

    shipped = files("quintet.engines.ops") / "workflows" / "invoice-received.toml"
    sample = Path(__file__).parents[3] / "config" / "workflows" / "invoice-received.toml"
    assert sample.read_bytes() == shipped.read_bytes()

"""Templates take an event's fields in, and no field decides where a file goes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.ops.template import FieldUnfit, TemplateInvalid, parse_template
from quintet.engines.ops.values import Value, ValueKind

KINDS = {
    "vendor": ValueKind.TEXT,
    "amount": ValueKind.NUMBER,
    "day": ValueKind.DATE,
    "paid": ValueKind.BOOLEAN,
    "file": ValueKind.PATH,
}
EVENT: dict[str, Value] = {
    "vendor": "Acme",
    "amount": Decimal("1E+3"),
    "day": date(2026, 11, 4),
    "paid": False,
    "file": "inbox/a.pdf",
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("plain", "plain"),
        ("{vendor}: {amount}", "Acme: 1000"),
        ("{day:%Y/%m}-{day}", "2026/11-2026-11-04"),
        ("{{vendor}} {paid}", "{vendor} false"),
    ],
)
def test_fields_are_filled_in(text: str, rendered: str) -> None:
    assert parse_template(text, KINDS).render(EVENT) == rendered


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{nobody}", "no field"),
        ("{vendor:%Y}", "no date"),
        ("{day:%s}", "no date format"),
        ("{vendor", "lone"),
        ("vendor}", "lone"),
        ("{vendor.__class__}", "no field"),
        ("{vendor!r}", "lone"),
    ],
)
def test_a_template_that_no_event_could_fill_is_refused(text: str, says: str) -> None:
    with pytest.raises(TemplateInvalid, match=says):
        parse_template(text, KINDS)


def test_a_field_that_the_event_lacks_fails_instead_of_leaving_a_gap() -> None:
    with pytest.raises(FieldUnfit, match="vendor"):
        parse_template("{vendor}", KINDS).render({})


@pytest.mark.demand("OPS-4")
@pytest.mark.parametrize(
    "vendor", ["../etc", "a/b", ".hidden", "-rf", "~root", "", "a\nb", "a\0b", "x" * 300]
)
def test_a_text_that_is_no_plain_name_never_becomes_part_of_a_path(vendor: str) -> None:
    with pytest.raises(FieldUnfit):
        parse_template("invoices/{vendor}.pdf", KINDS).render_path({"vendor": vendor})


@pytest.mark.demand("OPS-4")
def test_a_text_that_is_the_whole_path_must_be_a_plain_name_too() -> None:
    with pytest.raises(FieldUnfit):
        parse_template("{vendor}", KINDS).render_path({"vendor": "../../etc/passwd"})


def test_a_declared_path_may_have_several_parts_but_only_on_its_own() -> None:
    assert parse_template("{file}", KINDS).render_path(EVENT) == "inbox/a.pdf"
    with pytest.raises(FieldUnfit):
        parse_template("copy of {file}", KINDS).render_path(EVENT)


@given(st.text())
def test_a_rendered_path_has_the_folders_of_its_template_and_no_others(vendor: str) -> None:
    try:
        path = parse_template("invoices/{vendor}.pdf", KINDS).render_path({"vendor": vendor})
    except FieldUnfit:
        return
    assert path.count("/") == 1
    assert "\0" not in path

"""What a terminal would obey or an eye would miss is shown instead."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.policy.plain import plain_text


@pytest.mark.parametrize(
    "text",
    [
        "invoice.pdf",
        "Ines García López, 12 € — “größer”",
        "東京の予定",
        "می‌خواهم",
        "क्‍ष",
        "❤️ 👩‍💻 👍🏽",
        "a b",
        "",
    ],
)
def test_ordinary_words_of_any_language_pass_unchanged(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb", "a\\rb"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("report\u202efdp.exe", "report\\u202efdp.exe"),
        ("pay\u200bpal", "pay\\u200bpal"),
        ("pay\u200dpal", "pay\\u200dpal"),
        ("\U000e0041", "\\U000e0041"),
        ("x\ufe0f", "x\\ufe0f"),
        ("\u2028", "\\u2028"),
        ("\ufeff", "\\ufeff"),
        ("name\udcff", "name\\xff"),
        ("\ud800", "\\ud800"),
        ("\u3164", "\\u3164"),
        ("\ue000", "\\ue000"),
    ],
)
def test_what_acts_on_a_terminal_or_hides_becomes_visible(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_line_breaks_stay_only_where_several_lines_are_expected() -> None:
    assert plain_text("a\nb\tc\x07", multiline=True) == "a\nb\tc\\x07"


def test_a_pile_of_marks_cannot_climb_over_other_lines() -> None:
    assert plain_text("e" + "\u0301" * 30).count("\u0301") == 4


@given(st.text(st.characters(), max_size=40))
def test_no_text_whatever_steers_the_terminal_and_a_second_pass_changes_nothing(text: str) -> None:
    shown = plain_text(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert not any(char in shown for char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b")
    assert plain_text(shown) == shown
    shown.encode("utf-8")

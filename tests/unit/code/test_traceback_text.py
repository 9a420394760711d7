"""Places are read out of what tools print, and only places of the project."""

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.code.suite import Place
from quintet.engines.code.traceback_text import places_in

ROOT = PurePath("/home/me/project")


@pytest.mark.parametrize(
    "text",
    [
        '  File "/home/me/project/pkg/calc.py", line 12, in divide',
        'File "pkg/calc.py", line 12',
        "pkg/calc.py:12: ZeroDivisionError",
        "  pkg/calc.py:12:5: error: bad",
    ],
)
def test_the_usual_forms_are_understood(text: str) -> None:
    assert places_in(text, ROOT) == (Place("pkg/calc.py", 12),)


@pytest.mark.parametrize(
    "text",
    [
        'File "/usr/lib/python3/json/decoder.py", line 12',
        'File "/home/me/project/.venv/lib/python3.11/site-packages/x.py", line 3',
        'File "/home/me/project-other/x.py", line 3',
        "ran in 12:30:45",
        "http://host.example:80",
    ],
)
def test_foreign_places_and_lookalikes_are_left_out(text: str) -> None:
    assert places_in(text, ROOT) == ()


def test_places_keep_the_order_in_which_they_are_printed() -> None:
    text = 'b.py:2: x\n  File "a.py", line 1\nb.py:2: again'
    assert places_in(text, ROOT) == (Place("b.py", 2), Place("a.py", 1))


@given(st.text())
def test_any_text_is_read_without_failing(text: str) -> None:
    places_in(text, ROOT)

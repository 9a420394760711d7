"""Each promise is kept by a test that names it, and no test names a promise that nobody made."""

import ast
import re
from collections import defaultdict

import pytest

from demands import DEMANDS
from support.sources import sources


def _citations() -> dict[str, list[str]]:
    """Which tests cite which promise: `pytest.mark.demand("ID")` anywhere in a test's source."""
    cited: dict[str, list[str]] = defaultdict(list)
    for source in sources("tests"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("demand"):
                for argument in node.args:
                    assert isinstance(argument, ast.Constant), f"{source.place}: write the id out"
                    cited[argument.value].append(source.place)
    return cited


CITED = _citations()


@pytest.mark.parametrize("demand", DEMANDS)
def test_a_promise_is_kept_by_a_test(demand: str) -> None:
    assert CITED.get(demand), f"no test cites {demand}: {DEMANDS[demand]}"


def test_no_test_cites_a_promise_that_is_not_listed() -> None:
    assert not {id: places for id, places in CITED.items() if id not in DEMANDS}


def test_promises_are_sentences_with_plain_ids() -> None:
    for id, sentence in DEMANDS.items():
        assert re.fullmatch(r"[A-Z]+-\d+", id)
        assert sentence.endswith(".")
        assert sentence[0] in "`-" or sentence[0].isupper()
    assert len(set(DEMANDS.values())) == len(DEMANDS)

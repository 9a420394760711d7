"""Our patterns mean what the standard library's mean, and cannot be made to run away."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quintet.models.pattern import PatternUnsupported, matches, parse

ATOMS = st.sampled_from(
    ["a", "b", "c", ".", r"\d", r"\.", "[ab]", "[^a]", "[a-c1]", r"\w", "-", r"\-"]
)
QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}"])


def _grown(inner):
    group = st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
    return st.lists(st.builds(str.__add__, group | ATOMS, QUANTIFIERS), max_size=3).map("".join)


BODIES = st.recursive(st.builds(str.__add__, ATOMS, QUANTIFIERS), _grown, max_leaves=6)
PATTERNS = st.lists(
    st.tuples(st.sampled_from(["", "^"]), BODIES, st.sampled_from(["", "$"])).map("".join),
    min_size=1,
    max_size=2,
).map("|".join)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text("abcd1.-_\n", max_size=8))
@example("^(?:a|b)*$", "abba")
@example("a$|^b", "ba")
@example("", "")
def test_a_pattern_finds_what_the_standard_library_finds(pattern, text):
    # `$` is the end of the text in JSON Schema; in Python it also stands before a last newline.
    expected = re.search(pattern.replace("$", r"\Z"), text, re.ASCII) is not None
    assert matches(pattern, text) == expected


@settings(max_examples=300, deadline=None)
@given(st.text("ab()[]{}^$|*+?\\-0123,.:=!<dwx", max_size=12), st.text("ab0", max_size=4))
def test_any_text_is_a_pattern_or_is_refused_with_a_reason(pattern, text):
    try:
        matches(pattern, text)
    except PatternUnsupported as error:
        assert error.why


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*x", "^(a?){60}a{60}$"]
)
def test_patterns_that_explode_elsewhere_stay_quick(pattern):
    began = time.process_time()
    matches(pattern, "a" * 2000 + "!")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", "(?<n>a)", r"\1", r"\bword", "a*?", "*a", "(", ")", "[", "[]", "a{3,1}", "[z-a]",
     "a^b", "a$b", "(a$)", "\\", "((((((a){999}){999}){999}){999}){999})", "(" * 60 + ")" * 60,
     "a" * 2000],
)  # fmt: skip
def test_what_the_subset_leaves_out_is_refused(pattern):
    with pytest.raises(PatternUnsupported):
        matches(pattern, "a")


def test_branches_know_their_anchors():
    first, second = parse("^a|b$")
    assert (first.at_start, first.at_end) == (True, False)
    assert (second.at_start, second.at_end) == (False, True)

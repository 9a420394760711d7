"""Lines that failing tests run and passing tests do not come first, with their figures."""

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.code.spectrum import Spectrum, Suspect, traced
from quintet.engines.code.suite import Ending, Place, RanTest


def test_of(name: str, ending: Ending, lines: list[int], *frames: Place) -> RanTest:
    covered = {"calc.py": tuple(lines), "test_calc.py": (1,)}
    return RanTest(name, ending, "test_calc.py", frames=frames, lines=covered)


test_of.__test__ = False  # type: ignore[attr-defined]


def weighed(*tests: RanTest) -> list[Suspect]:
    spectrum = Spectrum()
    for test in tests:
        spectrum.add(test)
    return spectrum.suspects()


def test_a_line_that_only_failing_tests_run_scores_one() -> None:
    first = weighed(
        test_of("passes", Ending.PASSED, [1, 2]), test_of("fails", Ending.FAILED, [1, 9])
    )[0]
    assert (first.where, first.score) == ("calc.py:9", 1.0)
    assert first.why == "run by 1 of 1 failing tests and 0 of 1 passing ones"


def test_the_score_is_ochiais() -> None:
    suspects = weighed(
        test_of("a", Ending.FAILED, [5]),
        test_of("b", Ending.FAILED, [9]),
        test_of("c", Ending.PASSED, [5]),
        test_of("d", Ending.PASSED, [5]),
    )
    scores = {suspect.where: suspect.score for suspect in suspects}
    assert scores["calc.py:5"] == 1 / sqrt(2 * 3)
    assert scores["calc.py:9"] == 1 / sqrt(2 * 1)


def test_a_tests_own_lines_come_after_everything_else() -> None:
    suspects = weighed(
        test_of("a", Ending.FAILED, [5]), *[test_of(f"p{i}", Ending.PASSED, [5]) for i in range(9)]
    )
    assert [suspect.file for suspect in suspects] == ["calc.py", "test_calc.py"]
    assert suspects[0].score < 1


def test_among_equals_the_line_that_raised_comes_first() -> None:
    frames = (Place("test_calc.py", 1), Place("calc.py", 20))
    suspects = weighed(test_of("a", Ending.FAILED, [3, 4, 20], *frames))
    assert suspects[0].where == "calc.py:20"
    assert suspects[0].why.endswith("the error of a came from here")


def test_neighbouring_lines_with_the_same_figures_are_told_together() -> None:
    suspects = weighed(test_of("a", Ending.FAILED, [3, 4, 6, 12]))
    assert [suspect.where for suspect in suspects[:2]] == ["calc.py:3-6", "calc.py:12"]


def test_a_hung_test_counts_as_failing() -> None:
    assert weighed(test_of("a", Ending.HUNG, [3]))[0].failing == ("a",)


def test_without_coverage_the_innermost_line_of_the_project_comes_first() -> None:
    frames = (Place("test_calc.py", 4), Place("calc.py", 10), Place("calc.py", 2))
    suspects = traced([RanTest("a", Ending.FAILED, frames=frames)])
    assert [suspect.where for suspect in suspects] == ["calc.py:2", "calc.py:10", "test_calc.py:4"]
    assert suspects[0].raised == ("a",)


@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.integers(1, 12), unique=True)), min_size=1, max_size=8
    )
)
def test_scores_stay_between_nothing_and_certainty(runs: list[tuple[bool, list[int]]]) -> None:
    tests = [
        test_of(f"t{i}", Ending.PASSED if passes else Ending.FAILED, lines)
        for i, (passes, lines) in enumerate(runs)
    ]
    suspects = weighed(*tests)
    assert all(0 < suspect.score <= 1 for suspect in suspects)
    told = {line for s in suspects if s.file == "calc.py" for line in range(s.first, s.last + 1)}
    ran = {line for passes, lines in runs if not passes for line in lines}
    assert ran <= told

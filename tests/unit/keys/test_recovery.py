"""The recovery code: what a tired person does to it is noticed, and where."""

from itertools import combinations

import pytest

from quintet.platform.keys.slots.recovery import ALPHABET, Recovery, RecoveryTypo, parse
from quintet.platform.rng import SeededRng

CODE = Recovery.new(SeededRng(7))
PRINTED = CODE.printed()
pytestmark = pytest.mark.demand("KEY-9")


def test_a_code_reads_back_in_any_dress() -> None:
    plain = PRINTED.replace("-", "")
    for typed in (PRINTED, PRINTED.lower(), plain, f"  {PRINTED.replace('-', '  ')}\n"):
        assert parse(typed) == CODE
    assert parse(PRINTED.replace("0", "O").replace("1", "l")) == CODE
    assert len(CODE.code) == 20


def test_every_wrong_letter_is_noticed_and_its_group_named() -> None:
    for at, letter in enumerate(PRINTED):
        for wrong in ALPHABET if letter != "-" else "":
            if wrong != letter:
                _noticed_in_group(at // 6 + 1, PRINTED[:at] + wrong + PRINTED[at + 1 :])


def test_every_exchange_of_two_letters_in_a_group_is_noticed() -> None:
    groups = PRINTED.split("-")
    for place, group in enumerate(groups):
        for one, two in combinations(range(5), 2):
            letters = list(group)
            letters[one], letters[two] = letters[two], letters[one]
            if letters != list(group):
                changed = [*groups[:place], "".join(letters), *groups[place + 1 :]]
                _noticed_in_group(place + 1, "-".join(changed))


def test_every_exchange_of_two_groups_is_noticed() -> None:
    for one, two in combinations(range(8), 2):
        groups = PRINTED.split("-")
        groups[one], groups[two] = groups[two], groups[one]
        _noticed_in_group(one + 1, "-".join(groups))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "0 groups"),
        (PRINTED[6:], "7 groups"),
        (PRINTED.replace("-", "", 1), "7 groups"),
        (PRINTED[:-1], "4 letters"),
        (PRINTED + "X", "6 letters"),
        ("é" + PRINTED[1:], "does not occur"),
        ("U" + PRINTED[1:], "does not occur"),
    ],
)
def test_what_is_missing_or_strange_is_said(typed: str, said: str) -> None:
    with pytest.raises(RecoveryTypo, match=said):
        parse(typed)


def _noticed_in_group(group: int, typed: str) -> None:
    with pytest.raises(RecoveryTypo) as caught:
        parse(typed)
    assert caught.value.details["group"] == group

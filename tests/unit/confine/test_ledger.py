"""Refused calls are counted together, and a flood cannot hide the one that matters."""

from quintet.platform.confine.ledger import Ledger


def test_like_attempts_are_one_entry_with_a_count() -> None:
    ledger = Ledger()
    for _ in range(5):
        ledger.add("connect", family="inet", destination="1.2.3.4:5", process="a", reaching=True)
    ledger.add("bind", process="a", reaching=False)
    taken = ledger.take()
    assert [(e["call"], e["count"]) for e in taken["entries"]] == [("connect", 5), ("bind", 1)]
    assert taken["reaching"] == 5
    assert ledger.take()["entries"] == []


def test_an_attempt_behind_a_flood_of_others_still_counts() -> None:
    ledger = Ledger()
    for number in range(5000):
        ledger.add("bind", process=f"flood ({number})", reaching=False)
    ledger.add("connect", destination="evil:1", process="x", reaching=True)
    taken = ledger.take()
    assert len(taken["entries"]) == 1000
    assert (taken["reaching"], taken["unlisted"]) == (1, 4001)

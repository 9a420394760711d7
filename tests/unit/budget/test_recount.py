"""The scorer of the benchmark: what it counts, and that it notices what it is there to notice."""

from budget.recount import BILL, CALL, INTEND, REFUSED, SETTLED, Line, recount

RESERVED, USED = (5, 50, 500), (2, 20, 200)


def log(*steps: bytes) -> bytes:
    lines = [
        Line(step, 1, 7, *(USED if step in (BILL, SETTLED) else RESERVED)).packed()
        for step in steps
    ]
    return b"".join(lines)


def test_a_settled_spend_is_exact_and_a_refused_one_is_nothing() -> None:
    account = recount([log(INTEND, CALL, BILL, SETTLED) + log(INTEND, REFUSED)])
    seen = account.ranges["run", 7]
    assert seen.least == seen.most == seen.billed == list(USED)
    assert (account.granted, account.refused, account.cut_off) == (1, 1, 0)
    assert set(account.ranges) == {("day", 0), ("group", 1), ("run", 7)}


def test_a_spend_that_was_cut_off_is_a_range() -> None:
    for steps, least, most, billed in (
        ((INTEND,), (0, 0, 0), RESERVED, (0, 0, 0)),
        ((INTEND, CALL), RESERVED, RESERVED, RESERVED),
        ((INTEND, CALL, BILL), USED, RESERVED, USED),
    ):
        seen = recount([log(*steps)]).ranges["day", 0]
        assert (seen.least, seen.most, seen.billed) == (list(least), list(most), list(billed))


def test_a_line_cut_short_counts_as_not_written() -> None:
    account = recount([log(INTEND, CALL, BILL)[:-1], log(INTEND, CALL, BILL, SETTLED), b""])
    assert account.begun == 2
    assert account.cut_off == 1
    assert account.ranges["day", 0].most == [7, 70, 700]

"""Waits are honoured when they are sane, random within bounds, and never longer than the time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.http.retry import backoff_s, is_worth_waiting, promised_wait_s
from quintet.platform.rng import SeededRng

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("1e9", None),
        ("Thu, 01 Jan 2026 12:00:30", None),
    ],
)
def test_a_retry_after_header_is_read_in_both_forms(header: str, wait_s: float | None) -> None:
    assert promised_wait_s(header, NOON) == wait_s


@given(st.text(max_size=30))
def test_no_header_whatever_breaks_the_reader(header: str) -> None:
    wait_s = promised_wait_s(header, NOON)
    assert wait_s is None or wait_s >= 0


@given(st.integers(0, 40), st.integers(0, 1000))
def test_backoff_grows_and_stays_within_half_a_minute(attempt: int, seed: int) -> None:
    assert 0.25 <= backoff_s(attempt, SeededRng(seed)) <= 30.0


def test_no_wait_outlives_the_time_that_is_left() -> None:
    assert is_worth_waiting(1.0, 1.5)
    assert not is_worth_waiting(1.5, 1.5)
    assert not is_worth_waiting(500.0, 10_000.0)

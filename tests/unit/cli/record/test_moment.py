"""Times as people type them."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import UsageError
from quintet_cli.record.moment import moment_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        (" 3 d ", timedelta(days=3)),
        ("1w", timedelta(days=7)),
    ],
)
def test_a_span_is_counted_back_from_now(text: str, ago: timedelta) -> None:
    assert moment_of(text, NOW) == NOW - ago


def test_days_times_and_dates_are_meant_where_the_user_is() -> None:
    midnight = NOW.astimezone().replace(hour=0, minute=0)
    assert moment_of("today", NOW) == midnight
    assert moment_of("yesterday", NOW) == midnight - timedelta(days=1)
    assert moment_of("9:05", NOW) == midnight.replace(hour=9, minute=5)
    assert moment_of("2026-03-01", NOW).astimezone().day == 1


def test_a_zone_that_is_given_counts() -> None:
    assert moment_of("2026-03-01T10:00+02:00", NOW) == datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "25:99", "999999999w", "-2h", "2026-13-01", "2 hours"]
)
def test_what_is_no_time_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        moment_of(text, NOW)


@given(st.text())
def test_any_text_is_a_time_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert moment_of(text, NOW).tzinfo is not None

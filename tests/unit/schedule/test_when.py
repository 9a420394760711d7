"""Times as people write them: what is understood, and what is refused with a better word."""

import pytest

from quintet.platform.schedule.cron import BadWhen, parse_cron
from quintet.platform.schedule.when import parse_when

UNDERSTOOD = {
    "daily 07:00": "0 7 * * *",
    "daily 7:05": "5 7 * * *",
    "daily 07:00,19:00": "0 7,19 * * *",
    "Daily  at  07:00": "0 7 * * *",
    "every day 07:00": "0 7 * * *",
    "weekdays 08:30": "30 8 * * 1-5",
    "weekends 10:00": "0 10 * * 0,6",
    "mondays 09:00": "0 9 * * 1",
    "mon,thu 09:00": "0 9 * * 1,4",
    "every sunday at 23:59": "59 23 * * 0",
    "monthly 1 07:00": "0 7 1 * *",
    "every 6h": "0 */6 * * *",
    "every 1h": "0 * * * *",
    "every 24 hours": "0 0 * * *",
    "every 1d": "0 0 * * *",
    "every 15m": "*/15 * * * *",
    "every 1 minute": "* * * * *",
    "every 60min": "0 * * * *",
    "hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@Weekly": "0 0 * * 0",
    "0 7 * * 1-5": "0 7 * * 1-5",
    "0 7 * JAN-mar Mon": "0 7 * 1-3 1",
    "05 07 1,15 */3 *": "5 7 1,15 */3 *",
    "0 0 * * 5-7": "0 0 * * 5-7",
    "0 0 29 2 *": "0 0 29 2 *",
    "0 0 30 2 1": "0 0 30 2 1",
}
# What is wrong, and a word of the reason or the hint.
REFUSED = {
    "": "daily 07:00",
    "   ": "daily 07:00",
    "soon": "no such form",
    "daily": "no such form",
    "daily 7pm": "07:00",
    "daily 24:00": "no time of the day",
    "daily 07:00,19:30": "a job for each time",
    "every 7h": "does not divide",
    "every 0m": "does not divide",
    "every 2d": "does not divide",
    "every 90m": "does not divide",
    "monthly 07:00": "monthly 1 07:00",
    "monthly 32 07:00": "not from 1 to 31",
    "* * * *": "five fields",
    "0 0 7 * * *": "no seconds",
    "@reboot": "@daily",
    "0 0 30 2 *": "is never",
    "0 0 31 4,6,9,11 *": "is never",
    "60 * * * *": "not from 0 to 59",
    "* 24 * * *": "not from 0 to 23",
    "0 0 0 * *": "not from 1 to 31",
    "0 0 * 13 *": "not from 1 to 12",
    "0 0 * * 8": "not from 0 to 6",
    "0 0 * * fri-mon": "5-6,0-1",
    "22-6 * * * *": "22-59,0-6",
    "5/15 * * * *": "5-59/15",
    "*/0 * * * *": "leads nowhere",
    "*/60 * * * *": "leads nowhere",
    "1-5/9 * * * *": "leads nowhere",
    "0 0 */2 * 1": "different crons",
    "0 0 1 * */2": "different crons",
    "0 0 1-31 * 5": "different crons",
    "0 0 L * *": "number",
    "0 0 ? * 1": "other schedulers",
    "0 0 * * 5#3": "other schedulers",
    "-1 * * * *": "cron knows",
    "1,,2 * * * *": "cron knows",
    "1.5 * * * *": "cron knows",
    "٣ * * * *": "cron knows",
    "0 0 * mai *": "jan",
    "0 0\x00 * * *": "cron knows",
    "1 " * 200: "more than",
}


@pytest.mark.demand("SCHEDULE-1")
@pytest.mark.parametrize("text", UNDERSTOOD)
def test_a_time_is_understood(text: str) -> None:
    assert str(parse_when(text).cron) == UNDERSTOOD[text]


@pytest.mark.demand("SCHEDULE-1")
@pytest.mark.parametrize("text", REFUSED)
def test_a_time_that_cannot_be_kept_is_refused_with_what_could(text: str) -> None:
    with pytest.raises(BadWhen) as refusal:
        parse_when(text)
    error = refusal.value
    assert REFUSED[text] in f"{error.what} {error.why} {error.hint}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 0 13 * 5", "as cron has it"),
        ("*/7 * * * *", "begin anew each hour"),
        ("0 */5 * * *", "begin anew each day"),
        ("monthly 31 08:00", "left out"),
    ],
)
def test_what_may_surprise_is_said(text: str, words: str) -> None:
    assert any(words in note for note in parse_when(text).notes)


def test_a_plain_rule_needs_no_remark() -> None:
    assert not parse_when("0 7 * * 1-5").notes


def test_sunday_has_two_numbers() -> None:
    assert parse_cron("0 0 * * 7").weekday.values == parse_cron("0 0 * * 0").weekday.values

"""Lines and events come out the same however the bytes were cut on their way."""

import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.http.failure import TooLarge
from quintet.platform.http.lines import events_of, lines_of


@given(
    st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", "ü".encode(), b"data: "]), max_size=12),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_lines_do_not_depend_on_where_the_bytes_were_cut(
    pieces: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(pieces)
    marks = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    chunks = [data[a:b] for a, b in itertools.pairwise(marks)]
    expected = re.split(r"\r\n|\n|\r", data.decode())
    if expected[-1] == "":
        expected.pop()
    assert list(lines_of(chunks, 1000)) == expected


def test_events_follow_the_rules_of_the_format() -> None:
    text = (
        "\ufeffdata: one\n\n: comment\n\nid: 7\nevent: token\ndata:two\ndata\ndata:  three\n\n"
        "retry: 5\nunknown: x\n\nid: a\0b\ndata: four\n\nevent: only a name\n\ndata: cut"
    )
    events = [(e.event, e.data, e.id) for e in events_of(text.split("\n"), 1000)]
    assert events == [
        ("message", "one", ""),
        ("token", "two\n\n three", "7"),
        ("message", "four", "7"),
    ]


def test_an_event_of_endless_lines_is_bounded() -> None:
    with pytest.raises(TooLarge):
        list(events_of(iter(["data: x"] * 1000), 500))


def test_a_long_line_in_tiny_pieces_costs_no_more_than_its_length() -> None:
    started = time.process_time()
    assert len(next(lines_of([b"x"] * 300_000 + [b"\n"], 1 << 20))) == 300_000
    assert time.process_time() - started < 2


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_no_bytes_whatever_break_the_reader(chunks: list[bytes]) -> None:
    list(events_of(lines_of(chunks, 10_000), 10_000))

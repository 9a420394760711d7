"""Lines from a descriptor: whole whatever pieces they come in, and never longer than allowed."""

import os
import threading

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.mcp.stdio import BoundedLines

LIMIT = 70_000


def read_all(data: bytes, limit_bytes: int = LIMIT) -> list[str]:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as stream:
            stream.write(data)

    async def read() -> list[str]:
        return [line async for line in BoundedLines(reading, limit_bytes)]

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return anyio.run(read)
    finally:
        writer.join()
        os.close(reading)


@given(st.lists(st.binary(max_size=50).filter(lambda line: b"\n" not in line), max_size=20))
def test_lines_come_whole_and_in_order(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    assert read_all(data) == [line.decode("utf-8", "replace") for line in lines]


def test_what_follows_the_last_line_break_is_no_message() -> None:
    assert read_all(b"one\ntwo") == ["one"]


@pytest.mark.demand("MCP-5")
@pytest.mark.parametrize("size", [200_000, 1_000_000])
def test_a_line_that_is_too_long_is_dropped_and_the_next_one_is_whole(size: int) -> None:
    first, dropped, last = read_all(b"first\n" + b"x" * size + b"\nlast\n")
    assert (first, last) == ("first", "last")
    assert "too long" in dropped

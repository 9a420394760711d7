"""Generated files are what the command tree makes of them now: `make generated`, then look."""

from pathlib import Path

import pytest

from quintet_cli.reference.__main__ import generated

ROOT = Path(__file__).parents[2]
GENERATED = generated()


@pytest.mark.parametrize("place", GENERATED)
def test_a_generated_file_is_current(place: str) -> None:
    assert (ROOT / place).read_text() == GENERATED[place], (
        "make generated; where it takes something out, VERBS in a group's __init__.py lacks a line"
    )


@pytest.mark.parametrize("folder", ["completions", "man/man1"])
def test_nothing_else_lies_beside_the_generated_files(folder: str) -> None:
    found = {f"{folder}/{path.name}" for path in (ROOT / folder).iterdir()}
    assert found == {place for place in GENERATED if place.startswith(folder)}

"""What pages and completion know of a verb is what its parser takes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer

from quintet_cli.session import Session
from quintet_cli.surface import Command, described
from quintet_cli.verb import command_of, verb


class Goal(StrEnum):
    """Two words to choose from."""

    FAST = "fast"
    SMALL = "small"


@verb(examples=("ai edge fit small.gguf",))
def fit(
    session: Session,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Which model.")],
    files: Annotated[list[Path] | None, typer.Argument(help="What to read.")] = None,
    part: Annotated[str, typer.Argument(metavar="[PART]")] = "",
    *,
    goal: Annotated[Goal, typer.Option("--goal", "-g", help="What for.")] = Goal.FAST,
    folder: Annotated[Path | None, typer.Option(file_okay=False)] = None,
    tags: Annotated[list[str] | None, typer.Option("--tag")] = None,
    cold: Annotated[bool, typer.Option("--cold/--warm")] = True,
    secret: Annotated[str, typer.Option(hidden=True)] = "",
    count: int = 3,
) -> None:
    """Say what fits
    on this machine.

    More words.

      a table
    """


@pytest.fixture
def command() -> Command:
    made = command_of("fit", fit)
    return described(("edge", "fit"), made)


def test_help_is_split_into_a_line_and_a_body(command: Command) -> None:
    assert command.summary == "Say what fits on this machine."
    assert command.body == "More words.\n\n  a table"


def test_usage_shows_places_in_order_and_what_may_be_left_out(command: Command) -> None:
    assert command.usage == "ai edge fit MODEL [FILE...] [PART] [OPTIONS]"


def test_options_tell_what_they_take(command: Command) -> None:
    own = {option.names[0]: option for option in command.own_options}
    assert [option.usage for option in own.values()] == [
        "-g, --goal fast|small",
        "--folder FOLDER",
        "--tag TEXT",
        "--cold, --warm",
        "--count NUMBER",
    ]
    assert own["--count"].help == "[default: 3]"
    assert [name for name, option in own.items() if option.is_repeated] == ["--tag"]


def test_common_flags_are_told_apart_and_help_is_one_of_them(command: Command) -> None:
    common = [option.names[0] for option in command.common_options]
    assert common[0] == "--json"
    assert common[-1] == "--help"

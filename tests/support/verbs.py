"""Verbs of every shape, so that what is drawn from the command tree is tested on all of it."""

from quintet_cli.reference.every import commands
from quintet_cli.surface import Argument, Command, Option, Value
from quintet_cli.verb import Does, Nature


def _common() -> tuple[Option, ...]:
    return tuple(option for option in commands([("version",)])[0].options if option.is_common)


def _option(*names: str, value: Value | None = None, is_repeated: bool = False) -> Option:
    text = "Whatever it's [good] for: $HOME `ls` \\ %s."
    return Option(names, text, value, is_common=False, is_repeated=is_repeated)


def _argument(name: str, *, is_required: bool = True, is_repeated: bool = False) -> Argument:
    return Argument(Value(name), "What it is about.", is_required, is_repeated)


def sample_verbs() -> list[Command]:
    """Flags, options with and without words to choose from, places of every kind."""
    fit_options = (
        _option("--goal", "-g", value=Value("GOAL", ("fast", "small"))),
        _option("--out", value=Value("FOLDER")),
        _option("--with", value=Value("MODEL"), is_repeated=True),
        _option("--name", value=Value("TEXT")),
        _option("--cold", "--warm"),
    )
    shapes = {
        ("version",): ((), ()),
        ("edge", "fit"): (
            (_argument("MODEL"), _argument("PLAN|FILE", is_required=False, is_repeated=True)),
            fit_options,
        ),
        ("prove", "offline"): ((_argument("-- COMMAND", is_repeated=True),), ()),
        ("undo",): ((_argument("ACTION", is_required=False),), ()),
        ("budget", "show"): ((_argument("GROUP", is_required=False),), ()),
    }
    return [
        Command(
            path=path,
            summary="One line.",
            body=".A paragraph that begins like a request.\n\n  a  table\n  b  row",
            examples=(f"ai {' '.join(path)}",),
            arguments=arguments,
            options=(*options, *_common()),
            nature=Nature(Does.READS, {}, ()),
        )
        for path, (arguments, options) in shapes.items()
    ]

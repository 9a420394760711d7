"""How a function becomes a verb: the common flags, one help layout, one way to run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from quintet_cli.session import COMMON, Flags, Session

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter
    from typer._click.exceptions import UsageError

_HELP: dict[str, tuple[tuple[str, ...], str]] = {
    "json": (("--json",), "One JSON object on stdout."),
    "dry_run": (("--dry-run",), "Show the plan and its id; change nothing."),
    "yes": (("--yes", "-y"), "Answer yes to questions that are not severe."),
    "quiet": (("--quiet", "-q"), "Say nothing but the result."),
    "verbose": (("--verbose", "-v"), "Say more about what is going on."),
    "no_input": (("--no-input",), "Never ask; end with status 4 where a word is needed."),
    "config": (("--config",), "KEY=VALUE for this run, or a file instead of your own."),
}
Act = Callable[..., int | None]
Results = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
OpenSession = Callable[[Flags], Session]


def _common_parameters() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            f"flag_{field.name}",
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[
                bool if field.default is False else list[str],
                typer.Option(
                    *names,
                    help=text,
                    metavar=None if field.default is False else "FILE",
                    rich_help_panel=COMMON,
                    show_default=False,
                ),
            ],
        )
        for field in fields(Flags)
        for names, text in [_HELP[field.name]]
    ]


class Does(StrEnum):
    """What a verb does to what is the user's, at most.

    READS leaves everything as it was, but for the record of the look. CHANGES makes or changes
    something that can be taken back. DESTROYS ends something for good.
    """

    READS = "reads"
    CHANGES = "changes"
    DESTROYS = "destroys"


@dataclass(frozen=True, slots=True)
class Nature:
    """What programs must know of a verb: what it does, and what its results look like.

    `results` holds the shape of each result by the name that `session.show` is given, or is a
    function that returns them, where their types are too heavy to import with the verb. With one
    of the words in `unless`, an option or a choice, the verb does more than `does` says.
    """

    does: Does | None
    results: Results
    unless: tuple[str, ...]

    def shapes(self) -> dict[str, Any]:
        """The shape of each result; a change may also be shown as the plan that it would be."""
        from quintet_cli.consent.carry import PLAN_SHAPE

        own = self.results() if callable(self.results) else self.results
        return dict(own) if self.does is Does.READS else {**own, **PLAN_SHAPE}


def verb(
    *,
    examples: tuple[str, ...],
    does: Does | None = None,
    results: Results | None = None,
    unless: tuple[str, ...] = (),
) -> Callable[[Act], Act]:
    """Mark a function as a verb: it takes the session first, and its docstring is its help.

    It may return an exit status where the outcome is neither success nor a failure to report.
    """

    def mark(act: Act) -> Act:
        own = list(inspect.signature(act, eval_str=True).parameters.values())[1:]
        context = inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        )

        def run(context: typer.Context, **arguments: Any) -> int | None:
            flags = Flags(**{f.name: arguments.pop(f"flag_{f.name}") for f in fields(Flags)})
            open_session: OpenSession = context.find_root().obj
            session = open_session(flags)
            try:
                with session.traced.verb(session.app, context):
                    return act(session, **arguments)
            finally:
                session.tell_notices()

        keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        signature = inspect.Signature([context, *keyword_only, *_common_parameters()])
        vars(run).update(__signature__=signature, examples=examples)
        vars(run).update(nature=Nature(does, results or {}, unless))
        run.__name__, run.__doc__ = act.__name__, act.__doc__
        return run

    return mark


def complaint(error: UsageError) -> str:
    """What the parser has against the words; it sets choices on lines of their own."""
    return " ".join(error.format_message().split()).rstrip(".")


class HelpAsked(Exception):
    """Somebody asked for help; it is a result, and goes the way of every result."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def answer_with_help(context: Context, _parameter: object, is_asked: bool) -> None:
    """What `--help` does, in place of the parser's own printing."""
    if is_asked:
        raise HelpAsked(context.get_help())


class VerbCommand(TyperCommand):
    """A command whose help puts the examples first and the common flags last."""

    examples: tuple[str, ...] = ()
    nature: Nature

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        option = super().get_help_option(ctx)
        if option:
            option.callback = answer_with_help
        return option

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        from quintet_cli.surface import described

        path = tuple(ctx.command_path.split()[1:])
        told = described(path, self)
        formatter.write_text(f"ai {told.name}: {told.summary}")
        formatter.write("\nExamples:\n" + "".join(f"  {line}\n" for line in told.examples))
        formatter.write(f"\nUsage: {told.usage}\n")
        if told.body:
            formatter.write(f"\n{told.body}\n")
        rows = {
            "Arguments": [(str(argument.value), argument.help) for argument in told.arguments],
            "Options": [(option.usage, option.help) for option in told.own_options],
            COMMON: [(option.usage, option.help) for option in told.common_options],
        }
        for title, section in rows.items():
            if section:
                with formatter.section(title):
                    formatter.write_dl(section)
        formatter.write("\nExit status: see `man ai` or docs/reference/cli.md.\n")


def command_of(name: str, act: Act) -> VerbCommand:
    """The parser's command for a function that was marked with `verb`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=VerbCommand, context_settings={"help_option_names": ["--help", "-h"]})(
        act
    )
    command = typer.main.get_command(app)
    assert isinstance(command, VerbCommand)
    command.examples, command.nature = vars(act)["examples"], vars(act)["nature"]
    return command

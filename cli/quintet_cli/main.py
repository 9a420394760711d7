"""Runs one command line from its words to its exit status."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from functools import partial

from typer._click import exceptions as parsing  # Typer keeps its parser private; pinned below 0.29

from quintet.app.home import App
from quintet.errors import UsageError
from quintet.platform.confine.guard import Guard
from quintet_cli import exits
from quintet_cli.console import Console
from quintet_cli.interruption import ignore_signals
from quintet_cli.key.asking import passphrases_for
from quintet_cli.lazy import root
from quintet_cli.progress import progress_for
from quintet_cli.session import Flags, Session
from quintet_cli.streams import prepare
from quintet_cli.traced import Traced
from quintet_cli.verb import HelpAsked, complaint

# Hands out the application for one run: tests give it a clock and a generator of their own.
OpenApp = Callable[..., App]


def _open_session(
    console: Console, open_app: OpenApp, flags: Flags, traced: Traced, words: list[str]
) -> Session:
    console.json, console.quiet, console.verbose = flags.json, flags.quiet, flags.verbose
    app = open_app(
        console.env,
        given=flags.config,
        progress=progress_for(console),
        passphrases=passphrases_for(console, flags),
    )
    app.words = tuple(words)
    return Session(app, console, flags, traced)


def _usage_error(error: parsing.UsageError) -> UsageError:
    path = error.ctx.command_path if error.ctx else "ai"
    return UsageError(complaint(error), hint=f"{path} --help")


def _act(arguments: list[str], console: Console, open_app: OpenApp, traced: Traced) -> int:
    def open_session(flags: Flags) -> Session:
        return _open_session(console, open_app, flags, traced, arguments)

    if not arguments:
        from quintet_cli.welcome import welcome

        welcome(open_session(Flags()))
        return exits.OK
    # A usage error comes before the flags are read, yet a script still wants its JSON.
    console.json = "--json" in itertools.takewhile(lambda word: word != "--", arguments)
    command = root()
    try:
        with command.make_context("ai", list(arguments), obj=open_session) as context:
            outcome = command.invoke(context)
    except HelpAsked as asked:
        console.line(asked.text)
        return exits.OK
    except parsing.NoArgsIsHelpError as error:
        console.line(error.format_message())
        return exits.OK
    except parsing.UsageError as error:
        raise _usage_error(error) from error
    return outcome if isinstance(outcome, int) else exits.OK


def run(arguments: list[str], console: Console, open_app: OpenApp = App) -> int:
    """Carry out one command line on this console."""
    traced = Traced(arguments)
    status = exits.guarded(lambda: _act(arguments, console, open_app, traced), console)
    traced.end(status)
    return status


def main(arguments: list[str]) -> int:
    """Run `ai` with these words; the status is for `sys.exit`."""
    prepare()
    guard = Guard()
    guard.install()
    console = Console(sys.stdout, sys.stderr, dict(os.environ))
    status = run(arguments, console, partial(App, guard=guard))
    ignore_signals()
    return status


def deliver(answer: str) -> int:
    """Print a text that needed no program, where the plain way of printing has failed."""
    prepare()
    console = Console(sys.stdout, sys.stderr, dict(os.environ))

    def act() -> int:
        console.line(answer.removesuffix("\n"))
        return exits.OK

    return exits.guarded(act, console)

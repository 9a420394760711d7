"""The first thing that runs: answers what needs no program, and hands on everything else.

Importing Typer costs several times what Python itself takes to start, so the version and the
help of the upper levels are answered from the table before anything else is loaded.
"""

import sys

_HELP = ("--help", "-h")


def quick_answer(arguments: list[str]) -> str | None:
    """The text for a request that needs no engine, or None."""
    if arguments in (["--version"], ["-V"]):
        from quintet.version import VERSION

        return f"ai {VERSION}\n"
    if len(arguments) == 1 and arguments[0] in _HELP:
        from quintet_cli.overview import root_help

        return root_help()
    if 1 <= len(arguments) <= 2 and all(argument in _HELP for argument in arguments[1:]):
        from quintet_cli.tree import GROUPS

        if arguments[0] in GROUPS:
            from quintet_cli.overview import group_help

            return group_help(arguments[0])
    return None


def main() -> None:
    """The `ai` command."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["help"]:
        # The word that everybody tries: `ai help life add` is `ai life add --help`.
        arguments = [*arguments[1:], "--help"]
    try:
        answer = quick_answer(arguments)
        if answer is not None and _wrote(answer):
            sys.exit(0)
        from quintet_cli.interruption import interrupt_on_signals

        interrupt_on_signals()
        from quintet_cli import main as program

        status = program.main(arguments) if answer is None else program.deliver(answer)
    except KeyboardInterrupt:
        # Before the program could say anything, or for the second time while it did.
        status = 130
    sys.exit(status)


def _wrote(answer: str) -> bool:
    try:
        # Where stdout is closed there is none.
        sys.stdout.write(answer)
        sys.stdout.flush()
    except (AttributeError, OSError):
        return False
    return True

"""Where a passphrase is typed: at the terminal, unseen; for a script, the first line of a file."""

import sys
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import Kind, QuintetError, UsageError
from quintet.platform.files import read_bytes
from quintet.platform.keys.slots.intake import LIMIT_BYTES
from quintet.platform.policy.plain import plain_text
from quintet_cli.console import Console
from quintet_cli.session import Flags, Session

_TRIES = 3


class NobodyToAsk(QuintetError):
    """A passphrase is needed, and nobody can be asked for it."""

    kind = Kind.NEEDS_APPROVAL
    code = "keys.nobody_to_ask"


@dataclass(frozen=True, slots=True)
class TerminalPassphrases:
    """Asks the person at the terminal for what opens the keys."""

    console: Console

    def passphrase(self, why: str) -> str | None:
        if why:
            self.console.err.write(plain_text(why) + "\n")
        return _unseen("passphrase or recovery code for your data: ", self.console)


def passphrases_for(console: Console, flags: Flags) -> TerminalPassphrases | None:
    """Somebody to ask, where there is a terminal and asking was not forbidden."""
    is_there = not flags.no_input and sys.stdin.isatty() and console.err.isatty()
    return TerminalPassphrases(console) if is_there else None


def new_passphrase(session: Session, source: str) -> str:
    """A passphrase that is chosen now: typed twice, or taken from a file."""
    if source:
        return first_line(session, source)
    for _ in range(_TRIES):
        text = _typed(session, "new passphrase: ")
        if text == _typed(session, "the same again: "):
            return text
        session.console.note("the two are not the same")
    raise UsageError("no passphrase was chosen", why="the two were not the same three times")


def known_passphrase(session: Session, source: str) -> str:
    """A passphrase that was chosen before."""
    return first_line(session, source) if source else _typed(session, "passphrase of the file: ")


def first_line(session: Session, source: str) -> str:
    """The first line of a file, `-` being stdin, as bytes that any locale can carry."""
    if source == "-":
        data = sys.stdin.buffer.readline(LIMIT_BYTES)
    else:
        data = read_bytes(session.app.cwd / Path(source).expanduser(), LIMIT_BYTES)
    return data.split(b"\n")[0].removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _typed(session: Session, prompt: str) -> str:
    if not session.is_interactive:
        raise NobodyToAsk(
            "a passphrase is needed",
            why="there is no terminal to type it at, or --no-input was given",
            hint="--passphrase-from FILE, or - for stdin",
        )
    text = _unseen(prompt, session.console)
    if text is None:
        raise NobodyToAsk("a passphrase is needed", why="none was typed")
    return text


def _unseen(prompt: str, console: Console) -> str | None:
    import getpass

    try:
        return getpass.getpass(prompt, stream=console.err)
    except EOFError:
        console.err.write("\n")
        return None

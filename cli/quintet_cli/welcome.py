"""`ai` alone: what works now, and what one command would add."""

from quintet_cli.session import Session


def welcome(session: Session) -> None:
    """Print the first screen."""
    session.console.line("ai")

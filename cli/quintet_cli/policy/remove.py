"""`ai policy remove`: take a rule out again."""

from typing import Annotated

import typer

from quintet.app.rules import remove_rule
from quintet.errors import NotFound
from quintet_cli.session import Session
from quintet_cli.verb import verb


@verb(examples=("ai policy list", "ai policy remove 3"))
def remove(
    session: Session,
    line: Annotated[int, typer.Argument(metavar="LINE", min=1, help="As `ai policy list` shows.")],
) -> None:
    """Take a rule out again, by the line of the file that it stands on."""
    book = session.app.rulebook
    if not any(rule.line == line for rule in book.rules()):
        raise NotFound(f"no rule stands on line {line} of {book.path}", hint="ai policy list")
    if session.flags.dry_run:
        book.removing(line)
        session.show(
            "policy.remove/1", {"line": line, "changed": False}, f"would remove line {line}"
        )
        return
    action = remove_rule(session.app, line)
    session.done(action, f"removed the rule on line {line}")
    session.show("policy.remove/1", {"line": line, "changed": True, "action": action.id}, "")

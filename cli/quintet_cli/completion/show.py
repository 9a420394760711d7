"""`ai completion show`: the script itself, for pipes and packagers."""

from typing import Annotated

import typer

from quintet_cli.completion.generate import Shell, script_for
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"completion.show/1": {"shell": Shell, "script": str}},
    examples=("ai completion show bash", "ai completion show zsh > ~/.zfunc/_ai"),
)
def show(
    session: Session,
    shell: Annotated[Shell, typer.Argument(help="The shell to complete for.")],
) -> None:
    """Print the completion script for a shell.

    The script is static: a TAB reads it and a few small files, and starts no program.
    """
    script = script_for(shell)
    session.show("completion.show/1", {"shell": shell, "script": script}, script.rstrip("\n"))

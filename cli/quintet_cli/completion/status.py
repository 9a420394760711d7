"""`ai completion status`: which shells complete `ai` by a script of this version."""

from typing import Literal

from quintet_cli.completion.generate import Shell, script_for
from quintet_cli.completion.placement import placement_for
from quintet_cli.reference.every import commands
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={
        "completion.status/1": [
            {"shell": Shell, "state": Literal["absent", "current", "outdated"], "path": str}
        ]
    },
    examples=("ai completion status", "ai completion status --json"),
)
def status(session: Session) -> None:
    """Which shells complete ai, and whether their scripts are current.

    Looks at your own scripts. A package may have brought others for all users.
    """
    verbs = commands()
    found: list[dict[str, str]] = []
    for shell in Shell:
        place = placement_for(shell, session.app.env)
        present = place.present()
        state = "absent"
        if present is not None:
            is_current = present == script_for(shell, verbs).encode()
            state = "current" if is_current else "outdated"
        found.append({"shell": shell, "state": state, "path": str(place.path)})
    rows = [tuple(entry.values()) for entry in found]
    session.show("completion.status/1", found, session.table(("shell", "state", "script"), rows))
    if any(entry["state"] == "outdated" for entry in found):
        session.console.note("ai completion install SHELL brings a script up to date")

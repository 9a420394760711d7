"""`ai setup`: install a heavy part by one command."""

from typing import Annotated

import typer

from quintet.app.install import plan_install
from quintet.platform.extras import EXTRAS, Extra, extra_named
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


def _standing(extra: Extra) -> tuple[str, str, str, str]:
    return (
        extra.name,
        "installed" if extra.is_installed else "not installed",
        extra.purpose,
        extra.size,
    )


@verb(
    does=Does.CHANGES,
    results={
        "setup/1": {"parts": [{"name": str, "state": str, "purpose": str, "size": str}]},
        "setup.done/1": {"part": str, "changed": bool},
    },
    examples=("ai setup", "ai setup video", "ai setup llm --dry-run"),
)
def setup(
    session: Session,
    part: Annotated[str, typer.Argument(metavar="[PART]", help="Which part to install.")] = "",
) -> None:
    """Install a heavy part: llm, native, video or mcp.

    Without a part, lists them. Packages come from the package index that pip uses on this machine;
    nothing is downloaded before you say yes.
    """
    if not part:
        rows = [_standing(extra) for extra in EXTRAS.values()]
        listed = [dict(zip(("name", "state", "purpose", "size"), row, strict=True)) for row in rows]
        session.show("setup/1", {"parts": listed}, session.table(("part", "", "for", "size"), rows))
        return
    extra = extra_named(part)
    plan = plan_install(extra)
    if not plan.effects:
        session.show(
            "setup.done/1", {"part": part, "changed": False}, f"{part} is installed already"
        )
        return
    if action := carry(session, plan):
        session.done(action, f"installed {part}")
        session.show("setup.done/1", {"part": part, "changed": True}, f"{part} is installed")

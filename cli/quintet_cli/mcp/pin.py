"""`ai mcp pin`: accept a server as it is now."""

from dataclasses import replace
from typing import Annotated

import typer

from quintet.app.mcp_servers import pinned_files, plan_server
from quintet_cli.consent.carry import carry
from quintet_cli.mcp.outside import present_tools
from quintet_cli.mcp.telling import SERVER_SHAPE, server_body
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"mcp.pin/1": {"changed": bool, "changes": [str], "server": SERVER_SHAPE}},
    examples=("ai mcp pin files --dry-run", "ai mcp pin files"),
)
def pin(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="SERVER", help="As `ai mcp list` tells it.")],
) -> None:
    """Start a server as it is now, show what is different, and pin that when you say yes."""
    known = session.app.mcp_servers.get(name)
    server = replace(known, files=pinned_files(known.command))
    server = replace(server, tools=present_tools(session, server))
    from quintet.mcp.pins import difference

    changes = [*difference(known.tools, server.tools)]
    changed_files = {path for path, _ in {*known.files} ^ {*server.files}}
    changes += [f"changed: {path}" for path in sorted(changed_files)]
    plan = plan_server(known, server, "pin")
    plan = replace(plan, reasons=(*changes, *plan.reasons))
    body = {"changed": bool(plan.effects), "changes": changes, "server": server_body(server)}
    if not plan.effects:
        session.show("mcp.pin/1", body, f"{name} is as it was pinned")
        return
    if action := carry(session, plan):
        session.show("mcp.pin/1", body, "\n".join(changes))
        session.done(action, f"pinned the MCP server {name}")

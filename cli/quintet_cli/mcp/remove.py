"""`ai mcp remove`: forget a server."""

from typing import Annotated

import typer

from quintet.app.mcp_servers import plan_removal
from quintet_cli.consent.carry import carry
from quintet_cli.mcp.telling import SERVER_SHAPE, server_body
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"mcp.remove/1": {"server": SERVER_SHAPE}},
    examples=("ai mcp remove files",),
)
def remove(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="SERVER", help="As `ai mcp list` tells it.")],
) -> None:
    """Forget a server and its pins; undo brings both back."""
    server = session.app.mcp_servers.get(name)
    if action := carry(session, plan_removal(server)):
        session.show("mcp.remove/1", {"server": server_body(server)}, f"{name} is forgotten")
        session.done(action, f"removed the MCP server {name}")

"""`ai mcp show`: one server, and its tools as they were pinned."""

from typing import Annotated

import typer

from quintet_cli.mcp.telling import SERVER_SHAPE, TOOL_SHAPE, safe, server_body, tools_table
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"mcp.show/1": {"server": SERVER_SHAPE, "tools": [TOOL_SHAPE]}},
    examples=("ai mcp show files", "ai mcp show files --json"),
)
def show(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="SERVER", help="As `ai mcp list` tells it.")],
) -> None:
    """What is pinned of a server: what starts it, and its tools. The server is not started."""
    server = session.app.mcp_servers.get(name)
    lines = [safe(f"{server.name}: {server.place}")]
    lines += [f"  may see {', '.join(server.env)}"] if server.env else []
    lines += [safe(f"  {digest}  {path}") for path, digest in server.files]
    lines += [f"  {server.tools_sha256}  {len(server.tools)} tools", ""]
    human = "\n".join([*lines, tools_table(session, server.tools)])
    session.show("mcp.show/1", {"server": server_body(server), "tools": server.tools}, human)

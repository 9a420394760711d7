"""`ai mcp tools`: ask a server for its tools, and whether they are those that were pinned."""

from typing import Annotated

import typer

from quintet_cli.mcp.outside import present_tools
from quintet_cli.mcp.telling import TOOL_SHAPE, tools_table
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"mcp.tools/1": {"server": str, "tools": [TOOL_SHAPE]}},
    examples=("ai mcp tools files", "ai mcp tools files --json"),
)
def tools(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="SERVER", help="As `ai mcp list` tells it.")],
) -> None:
    """Start or reach a server and list its tools.

    Ends with 7, and with the difference, when they are not those that were pinned.
    """
    server = session.app.mcp_servers.get(name)
    server.require_same_program()
    found = present_tools(session, server)
    from quintet.mcp.pins import require_pinned

    require_pinned(server, found)
    session.show("mcp.tools/1", {"server": name, "tools": found}, tools_table(session, found))

"""`ai mcp serve`: the verbs of ai as tools for other programs."""

import signal
import sys
from enum import StrEnum
from typing import Annotated

import typer

from quintet_cli.mcp.part import require_part
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


class Listing(StrEnum):
    """What a client is shown of the tools."""

    SEARCH = "search"
    ALL = "all"


def _end(_number: int, _frame: object) -> None:
    sys.exit(0)


@verb(
    does=Does.READS,
    results={"mcp.serve/1": {"tools": int, "listed": [str]}},
    examples=(
        "ai mcp serve",
        "ai mcp serve --tools all",
        "ai mcp serve --http 8808",
        "ai mcp serve --dry-run",
    ),
)
def serve(
    session: Session,
    http: Annotated[
        int | None,
        typer.Option("--http", metavar="PORT", min=1, max=65535, help="Listen here instead."),
    ] = None,
    tools: Annotated[
        Listing, typer.Option("--tools", help="Three tools to search by, or every one.")
    ] = Listing.SEARCH,
) -> None:
    """Offer the verbs of ai as tools, by the Model Context Protocol, until the client goes away.

    Speaks over standard input and output; with --http on this machine alone, to whoever has the
    token. Every call passes the same gate, record and budget as a command that is typed. What needs
    a person's word makes a plan, and a person carries that out: ai apply PLAN.
    """
    require_part()
    from quintet_cli.mcp.serving import offer, serve_here

    offered = offer(session, is_searched=tools is Listing.SEARCH)
    if session.flags.dry_run:
        names = [tool.name for tool in offered.listed]
        body = {"tools": len(offered.tools), "listed": names}
        session.show("mcp.serve/1", body, "\n".join(names))
        return
    # A client ends us by closing our input or by SIGTERM; neither is worth a word.
    signal.signal(signal.SIGTERM, _end)
    serve_here(session, offered, http)

"""`ai mcp add`: get to know a server of somebody else."""

from dataclasses import replace
from typing import Annotated

import typer

from quintet.app.mcp_servers import (
    ForeignServer,
    checked_name,
    full_command,
    pinned_files,
    plan_server,
)
from quintet.errors import UsageError
from quintet.platform.http.url import parse_url
from quintet_cli.consent.carry import carry
from quintet_cli.mcp.outside import present_tools
from quintet_cli.mcp.telling import SERVER_SHAPE, server_body
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"mcp.add/1": {"changed": bool, "server": SERVER_SHAPE}},
    examples=(
        "ai mcp add files -- npx -y @modelcontextprotocol/server-filesystem ~/notes",
        "ai mcp add team https://mcp.example.com/mcp --token-from TEAM_TOKEN",
        "ai mcp add files --env API_KEY --dry-run -- ./server",
    ),
)
def add(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    target: Annotated[
        list[str],
        typer.Argument(metavar="URL|COMMAND", help="Where it is; behind --, what starts it."),
    ],
    *,
    env: Annotated[
        list[str] | None,
        typer.Option("--env", metavar="VARIABLE", help="What of yours it may see."),
    ] = None,
    token_from: Annotated[
        str, typer.Option("--token-from", metavar="VARIABLE", help="URL: where its token is.")
    ] = "",
) -> None:
    """Get to know a server of the Model Context Protocol: what starts it and its tools are pinned.

    It is started, or reached, once to list its tools; the plan shows them. Afterwards a tool is
    called only as long as all of them, and the files that start it, are what they were. A server
    sees hardly any of your environment: name with --env what it needs.
    """
    server = replace(_wanted(session, name, target), env=tuple(env or ()), token_from=token_from)
    server = replace(server, files=pinned_files(server.command))
    server = replace(server, tools=present_tools(session, server))
    plan = plan_server(session.app.mcp_servers.find(name), server, "add")
    body = {"changed": bool(plan.effects), "server": server_body(server)}
    if not plan.effects:
        session.show("mcp.add/1", body, f"{name} is known, and as it was")
        return
    if action := carry(session, plan):
        session.show("mcp.add/1", body, f"{name} has {len(server.tools)} tools")
        session.done(action, f"the MCP server {name}")


def _wanted(session: Session, name: str, target: list[str]) -> ForeignServer:
    checked_name(name)
    if target[0].startswith(("http://", "https://")):
        if len(target) > 1:
            raise UsageError("an address stands alone", hint=f"ai mcp add {name} {target[0]}")
        return ForeignServer(name, url=parse_url(target[0]).url)
    command = full_command(target, session.app.cwd, session.app.env.get("PATH"))
    return ForeignServer(name, command=command)

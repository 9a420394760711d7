"""`ai mcp list`: the servers that are known."""

from quintet_cli.mcp.telling import SERVER_SHAPE, server_body
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={"mcp.list/1": {"servers": [SERVER_SHAPE]}},
    examples=("ai mcp list", "ai mcp list --json"),
)
def list(session: Session) -> None:
    """The servers of others that are known. None of them is started."""
    servers = session.app.mcp_servers.all()
    rows = [(one.name, len(one.tools), one.place) for one in servers]
    human = session.table(("server", "tools", "what it is"), rows)
    session.offer("SERVER", {one.name: "" for one in servers})
    body = {"servers": [server_body(one) for one in servers]}
    session.show("mcp.list/1", body, human if servers else "no server is known: ai mcp add")

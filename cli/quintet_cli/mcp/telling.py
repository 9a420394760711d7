"""Servers of others in words; whatever they say of themselves is made safe to look at."""

from typing import Any

from quintet.app.mcp_servers import ForeignServer, ForeignTool
from quintet.platform.policy.plain import plain_text
from quintet_cli.session import Session

SERVER_SHAPE = {
    "name": str,
    "command": [str],
    "url": str,
    "env": [str],
    "token_from": str,
    "tools": int,
    "tools_sha256": str,
    "files": dict[str, str],
}
TOOL_SHAPE = dict[str, Any]


def server_body(server: ForeignServer) -> dict[str, Any]:
    """A server for `--json`, its tools counted."""
    return {
        "name": server.name,
        "command": server.command,
        "url": server.url,
        "env": server.env,
        "token_from": server.token_from,
        "tools": len(server.tools),
        "tools_sha256": server.tools_sha256,
        "files": dict(server.files),
    }


def tools_table(session: Session, tools: tuple[ForeignTool, ...]) -> str:
    """Tools with the first line of what their server says of them."""
    rows = [(tool["name"], str(tool.get("description", "")).partition("\n")[0]) for tool in tools]
    return session.table(("tool", "what its server says of it"), rows)


def safe(text: str) -> str:
    return plain_text(text, multiline=True)

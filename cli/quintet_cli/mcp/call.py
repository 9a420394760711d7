"""`ai mcp call`: call a tool of a server, if nothing of it has changed."""

import json
import sys
from typing import Annotated, Any

import typer

from quintet.app.mcp_servers import ForeignServer
from quintet.errors import NotFound, UsageError
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.policy.label import Label
from quintet_cli.jsonable import is_object
from quintet_cli.mcp.outside import talk_to
from quintet_cli.mcp.part import require_part
from quintet_cli.mcp.telling import safe
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_RESULT = {
    "action?": str,
    "called": bool,
    "server": str,
    "tool": str,
    "is_error?": bool,
    "labels?": [Label],
    "content?": [dict[str, Any]],
    "structured?": Any,
}


@verb(
    does=Does.DESTROYS,
    results={"mcp.call/1": _RESULT},
    examples=(
        'ai mcp call files list_directory \'{"path": "notes"}\'',
        "echo '{}' | ai mcp call files list_allowed_directories -",
    ),
)
def call(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="SERVER", help="As `ai mcp list` tells it.")],
    tool: Annotated[str, typer.Argument(metavar="TOOL", help="As `ai mcp show` tells it.")],
    arguments: Annotated[
        str, typer.Argument(metavar="[JSON]", help="Its arguments, an object; - reads them.")
    ] = "{}",
) -> int:
    """Call a tool of a server of somebody else, and show what it answers.

    Nothing is called, status 7, when a tool of that server or a file that starts it is not what was
    pinned. The answer is text from outside, and is labelled so. Ends with 1 when the tool says that
    it failed.
    """
    server = session.app.mcp_servers.get(name)
    if all(tool != known["name"] for known in server.tools):
        raise NotFound(f"{name} has no tool {tool!r}", hint=f"ai mcp show {name}")
    given = _object(sys.stdin.read() if arguments == "-" else arguments)
    if session.flags.dry_run:
        body = {"called": False, "server": name, "tool": tool}
        session.show("mcp.call/1", body, f"would call {tool} of {name}; nothing was called")
        return 0
    server.require_same_program()
    summary = f"call {tool} of {name}"
    record = session.app.record
    with record.action("mcp", "call", summary, labels=[Label.UNTRUSTED]) as action:
        action.because(f"the arguments are sha256 {digest_hex(canonical_json(given))}")
        action.because(f"all tools must be as pinned, sha256 {server.tools_sha256}")
        result = _called(session, server, tool, given)
        action.because(f"the answer is sha256 {digest_hex(canonical_json(result))}")
    body = {"action": action.id, "called": True, "server": name, "tool": tool, **result}
    session.console.note(f"{name} {'failed' if result['is_error'] else 'says'}:")
    session.show("mcp.call/1", body | {"labels": [Label.UNTRUSTED]}, safe(_text(result)))
    return 1 if result["is_error"] else 0


def _called(
    session: Session, server: ForeignServer, tool: str, given: dict[str, Any]
) -> dict[str, Any]:
    require_part()
    from quintet.mcp.calling import call_pinned
    from quintet.platform.trace.conventions import execute_tool
    from quintet.platform.trace.span import begin

    with begin(execute_tool(tool, type="extension")):
        return talk_to(session, server, call_pinned(server, tool, given))


def _text(result: dict[str, Any]) -> str:
    texts = [str(part.get("text", f"({part.get('type')})")) for part in result["content"]]
    if not texts and result["structured"] is not None:
        texts = [json.dumps(result["structured"], indent=1, ensure_ascii=False)]
    return "\n".join(texts)


def _object(text: str) -> dict[str, Any]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("the arguments are not JSON", why=str(error)) from error
    if not is_object(found):
        raise UsageError("the arguments are no JSON object", hint='{"path": "notes"}')
    return found

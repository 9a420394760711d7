"""Lists and calls every tool with the official inspector, over standard input and over HTTP.

    npm install @modelcontextprotocol/inspector
    python benchmarks/mcp/inspector.py node_modules/.bin/mcp-inspector

Each tool is called once with harmless words, in a home of its own. A line for each tool that was
not answered in the form that it declares; the last lines count.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2] / part) for part in ("cli", "lib", "tests")]

from quintet.app.mcp_settings import McpSettings
from quintet_cli.mcp.reach import KEPT_BACK
from quintet_cli.mcp.toolbox import tool_name, tools
from quintet_cli.tree import TOP
from support.harmless import command_lines
from support.mcp_peers import SERVE, arguments_of, environment, http_server

Ask = Callable[..., subprocess.CompletedProcess[bytes]]


def calls() -> dict[str, dict[str, Any]]:
    named = {line: line[: 1 if line[0] in TOP else 2] for line in command_lines()}
    return {
        tool_name(path): arguments_of(line)  # type: ignore[arg-type]
        for line, path in named.items()
        if " ".join(path) not in KEPT_BACK
    }


def over_stdio(inspector: str, home: Path) -> Ask:
    def ask(*words: str) -> subprocess.CompletedProcess[bytes]:
        given = [f"{name}={value}" for name, value in environment(home).items()]
        env = [word for pair in given for word in ("-e", pair)]
        target = [sys.executable, *SERVE, "--tools", "all"]
        patience = ["--connect-timeout", "60000"]
        line = [inspector, "--cli", *env, *patience, *target, *words]
        return subprocess.run(line, capture_output=True, cwd=home, timeout=120, check=False)

    return ask


def over_http(inspector: str, url: str, token: str) -> Ask:
    def ask(*words: str) -> subprocess.CompletedProcess[bytes]:
        header = f"Authorization: Bearer {token}"
        line = [inspector, "--cli", url, "--transport", "http", "--header", header, *words]
        return subprocess.run(line, capture_output=True, timeout=120, check=False)

    return ask


def words_of(arguments: dict[str, Any]) -> list[str]:
    pairs = [
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in arguments.items()
    ]
    return ["--tool-arg", *pairs] if pairs else []


def problem(ended: subprocess.CompletedProcess[bytes]) -> str:
    try:
        answer = json.loads(ended.stdout)
    except ValueError:
        return f"no JSON: {(ended.stdout + ended.stderr)[-200:]!r}"
    value = answer.get("structuredContent", answer.get("result", {}).get("structuredContent"))
    return "" if value and value["schema"].startswith("ai.") else f"no result: {answer}"[:200]


def examine(way: str, ask: Ask) -> int:
    names = [tool.name for tool in tools(McpSettings(), lambda _caller: {})]
    listed = json.loads(ask("--method", "tools/list").stdout)
    told = [tool["name"] for tool in listed.get("tools", listed.get("result", {}).get("tools", []))]
    verdict = "all in their order" if told == names else "NOT all in their order"
    print(f"{way}: {len(told)} tools listed, {verdict}")
    bad = 0
    for name, arguments in calls().items():
        ended = ask("--method", "tools/call", "--tool-name", name, *words_of(arguments))
        if wrong := problem(ended):
            bad += 1
            print(f"  {name}: {wrong}")
    print(f"{way}: {len(names) - bad} of {len(names)} tools called and answered as declared")
    return bad


def main() -> int:
    inspector = str(Path(sys.argv[1]).absolute())
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        if "http" in sys.argv[2:] or not sys.argv[2:]:
            with http_server(home, "--tools", "all") as (url, token):
                bad += examine("http", over_http(inspector, url, token))
        if "stdio" in sys.argv[2:] or not sys.argv[2:]:
            bad += examine("stdio", over_stdio(inspector, home))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

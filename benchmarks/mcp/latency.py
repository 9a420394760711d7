"""What a call costs over MCP beside the same command typed, and how large the lists of tools are.

    python benchmarks/mcp/latency.py [CALLS]

The command is `ai version`, which does next to nothing: what is measured is the way to it.
"""

import asyncio
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2] / part) for part in ("cli", "lib", "tests")]

from mcp import Client

from support.mcp_peers import environment, http_client, http_server, over_stdio


def typed(home: Path, count: int) -> list[float]:
    line = [sys.executable, "-m", "quintet_cli", "version", "--json"]
    times: list[float] = []
    for _ in range(count):
        begun = time.perf_counter()
        subprocess.run(line, env=environment(home), capture_output=True, check=True)
        times.append(time.perf_counter() - begun)
    return times


async def called(client: Client, count: int, *, searched: bool = False) -> list[float]:
    times: list[float] = []
    for _ in range(count):
        begun = time.perf_counter()
        if searched:
            await client.call_tool("find_tools", {"query": "what is in my calendar today"})
        else:
            await client.call_tool("version", {})
        times.append(time.perf_counter() - begun)
    return times


async def stdio(home: Path, count: int) -> dict[str, Any]:
    begun = time.perf_counter()
    async with Client(over_stdio(home)) as client:
        start = time.perf_counter() - begun
        short = (await client.list_tools()).model_dump_json(by_alias=True, exclude_none=True)
        calls = await called(client, count)
        found = await called(client, count, searched=True)
    async with Client(over_stdio(home, "--tools", "all")) as client:
        every = await client.list_tools()
        long = every.model_dump_json(by_alias=True, exclude_none=True)
        bare = [
            {"name": t.name, "description": t.description, "inputSchema": t.input_schema}
            for t in every.tools
        ]
    sizes = {"search": len(short), "all": len(long), "all, no results": len(json.dumps(bare))}
    return {"start": start, "calls": calls, "found": found, "sizes": sizes}


async def http(url: str, token: str, count: int) -> list[float]:
    async with http_client(url, token) as client:
        return await called(client, count)


def told(what: str, times: list[float]) -> str:
    median, slowest = statistics.median(times), max(times)
    return f"{what:<22} median {median * 1e3:7.1f} ms   slowest {slowest * 1e3:7.1f} ms"


def main() -> None:
    logging.disable()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        typed(home, 2)
        print(told("ai version, typed", typed(home, count)))
        measured = asyncio.run(stdio(home, count))
        print(told("over stdio", measured["calls"]))
        with http_server(home) as (url, token):
            print(told("over HTTP", asyncio.run(http(url, token, count))))
        print(told("find_tools", measured["found"]))
        print(f"start of a server      {measured['start'] * 1e3:7.0f} ms")
        for name, size in measured["sizes"].items():
            print(f"list of tools, {name}: {size:,} characters")


if __name__ == "__main__":
    main()

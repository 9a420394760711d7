"""Tools to find tools by: a long list costs a model its attention before it has begun.

Instead of everything, a client sees three tools: find some by words, look at one, call one.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from quintet.mcp.tool import Answer, Arguments, Caller, Schema, Tool, failure

FIND, DESCRIBE, CALL = "find_tools", "describe_tool", "call_tool"
_FOUND = 8
_K1, _B = 1.2, 0.75
_TITLE_WEIGHT = 3
_TEXT: Schema = {"type": "string"}


class Finder:
    """BM25 over names and descriptions; a word of the name counts several times."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = list(tools)
        texts = [f"{(tool.title + ' ') * _TITLE_WEIGHT}{tool.description}" for tool in tools]
        self._counts = [Counter(_words(text)) for text in texts]
        self._mean = sum(counts.total() for counts in self._counts) / max(len(tools), 1)
        self._holding = Counter(word for counts in self._counts for word in counts)

    def find(self, query: str, limit: int = _FOUND) -> list[Tool]:
        """The tools that fit best; the order of equals is the order of the list."""
        wanted = set(_words(query))
        scores = [self._score(wanted, counts) for counts in self._counts]
        ranked = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
        return [self._tools[index] for index in ranked[:limit] if scores[index] > 0]

    def _score(self, wanted: set[str], counts: Counter[str]) -> float:
        length = 1 - _B + _B * counts.total() / self._mean
        return sum(
            self._rarity(word) * counts[word] * (_K1 + 1) / (counts[word] + _K1 * length)
            for word in wanted
            if word in counts
        )

    def _rarity(self, word: str) -> float:
        holding = self._holding[word]
        return math.log(1 + (len(self._tools) - holding + 0.5) / (holding + 0.5))


def discovery_tools(tools: Sequence[Tool]) -> list[Tool]:
    """The three tools that stand for all others."""
    return [_find(tools), _describe(tools), _call(tools)]


def _words(text: str) -> list[str]:
    """Words without their plural: enough to meet `calendars` with `calendar`."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [word.removesuffix("s") if len(word) > 3 else word for word in found]


def _find(tools: Sequence[Tool]) -> Tool:
    finder = Finder(tools)

    async def run(arguments: Arguments, _caller: Caller) -> Answer:
        found = finder.find(arguments["query"], arguments.get("limit", _FOUND))
        told = [{"name": tool.name, "what": tool.description.partition("\n")[0]} for tool in found]
        return Answer({"schema": "ai.mcp.tools/1", "tools": told})

    count = {"type": "integer", "minimum": 1, "maximum": 50, "default": _FOUND}
    item = _object({"name": _TEXT, "what": _TEXT})
    return Tool(
        name=FIND,
        title="find tools",
        description=f"Find tools of ai for a task, among {len(tools)}: say what you want to do.",
        arguments=_object({"query": _TEXT, "limit": count}, required=["query"]),
        result=_object({"schema": _TEXT, "tools": {"type": "array", "items": item}}),
        run=run,
        is_reading=True,
    )


def _describe(tools: Sequence[Tool]) -> Tool:
    known = {tool.name: tool for tool in tools}

    async def run(arguments: Arguments, _caller: Caller) -> Answer:
        tool = known.get(arguments["name"])
        return _unknown(arguments["name"]) if tool is None else Answer(_described(tool))

    return Tool(
        name=DESCRIBE,
        title="describe a tool",
        description="What a tool does, which arguments it takes, and what its results look like.",
        arguments=_object({"name": _TEXT}),
        result={"type": "object"},
        run=run,
        is_reading=True,
    )


def _call(tools: Sequence[Tool]) -> Tool:
    known = {tool.name: tool for tool in tools}

    async def run(arguments: Arguments, caller: Caller) -> Answer:
        from quintet.mcp.server import problem_of

        tool = known.get(arguments["name"])
        if tool is None:
            return _unknown(arguments["name"])
        given = arguments.get("arguments", {})
        wrong = problem_of(tool.arguments, given)
        if wrong:
            return failure("usage", "mcp.bad_arguments", wrong, hint=f"{DESCRIBE} {tool.name}")
        return await tool.run(given, caller)

    return Tool(
        name=CALL,
        title="call a tool",
        description="Call a tool that was found, with arguments as it describes them.",
        arguments=_object({"name": _TEXT, "arguments": {"type": "object"}}, required=["name"]),
        result={"type": "object"},
        run=run,
        is_destructive=any(tool.is_destructive for tool in tools),
    )


def _described(tool: Tool) -> dict[str, Any]:
    return {
        "schema": "ai.mcp.tool/1",
        "name": tool.name,
        "description": tool.description,
        "arguments": tool.arguments,
        "result": tool.result,
        "reads_only": tool.is_reading,
        "destroys": tool.is_destructive,
    }


def _unknown(name: str) -> Answer:
    return failure("usage", "mcp.no_such_tool", f"there is no tool {name!r}", hint=FIND)


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }

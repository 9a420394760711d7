"""The servers of others whose tools may be called, and exactly what was seen of each when it was.

A server is pinned as a whole: its command, the files that this names, and its ordered set of tools.
To hash tools one by one would not do, since one that is renamed is another tool under every hash.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, NotFound, QuintetError, UsageError
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.files import (
    digest_of,
    ensure_private_dir,
    explained,
    read_bytes,
    write_atomic,
)
from quintet.platform.policy.plan import Plan
from quintet.platform.record.effects.port import WorldChanged
from quintet.platform.record.event import Effect

EFFECT_KIND = "mcp-server"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LIMIT_BYTES = 4 << 20
_TOLD_TOOLS = 40
ForeignTool = dict[str, Any]


class ServerBroken(QuintetError):
    """What was kept of a server cannot be read."""

    kind = Kind.INTEGRITY
    code = "mcp.server_broken"


class ProgramChanged(QuintetError):
    """A file that starts a server is not the one that was pinned."""

    kind = Kind.INTEGRITY
    code = "mcp.program_changed"


@dataclass(frozen=True, slots=True)
class ForeignServer:
    """A server by its command or its address. `env` names the variables that it may see."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: tuple[str, ...] = ()
    token_from: str = ""
    files: tuple[tuple[str, str], ...] = ()
    tools: tuple[ForeignTool, ...] = ()

    @property
    def tools_sha256(self) -> str:
        return tools_digest(self.tools)

    @property
    def place(self) -> str:
        return self.url or " ".join(self.command)

    def require_same_program(self) -> None:
        """Raise `ProgramChanged` unless every pinned file is what it was."""
        for path, digest in self.files:
            if not Path(path).is_file() or digest_of(Path(path)) != digest:
                raise ProgramChanged(
                    f"{path}, which starts the server {self.name}, is not what was pinned",
                    why="it was changed, updated or removed; nothing was started",
                    hint=f"ai mcp pin {self.name}",
                )


class Servers:
    """The servers that are known, one private file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[ForeignServer]:
        return [self.get(path.stem) for path in sorted(self._folder.glob("*.json"))]

    def find(self, name: str) -> ForeignServer | None:
        path = self._place(name)
        return _read(name, path) if path.exists() else None

    def get(self, name: str) -> ForeignServer:
        server = self.find(name)
        if server is None:
            raise NotFound(f"there is no MCP server called '{name}'", hint="ai mcp list")
        return server

    def put(self, server: ForeignServer) -> None:
        ensure_private_dir(self._folder)
        write_atomic(self._place(server.name), json.dumps(asdict(server)).encode())

    def remove(self, name: str) -> None:
        with explained("remove", self._place(name)):
            self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        return self._folder / f"{checked_name(name)}.json"


class ServerEffects:
    """Adding, pinning anew and removing a server as effects; the target is its name."""

    kind = EFFECT_KIND

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def state(self, target: str) -> dict[str, Any] | None:
        server = self._servers.find(target)
        return None if server is None else stated(server)

    def apply(self, effect: Effect) -> None:
        self._move(effect.target, effect.before, effect.after)

    def revert(self, effect: Effect) -> None:
        self._move(effect.target, effect.after, effect.before)

    def _move(self, name: str, start: Any, goal: Any) -> None:
        present = self.state(name)
        if present not in (start, goal):
            raise WorldChanged(
                f"the server {name} is not what it was", why="it was changed in the meantime"
            )
        if goal is None:
            self._servers.remove(name)
        else:
            self._servers.put(_made(name, goal))


def checked_name(name: str) -> str:
    """The name of a server is typed, and is the name of a file."""
    if not _NAME.fullmatch(name):
        why = "small letters, digits, - and _, at most 40, beginning with a letter or digit"
        raise UsageError(f"{name!r} cannot be the name of a server", why=why)
    return name


def full_command(words: Sequence[str], folder: Path, path: str | None) -> tuple[str, ...]:
    """The same command from wherever it is started: files that it names by their full path."""
    program = shutil.which(words[0], path=path) if "/" not in words[0] else None
    return tuple(
        str(folder / word) if "/" in word and (folder / word).is_file() else word
        for word in (program or words[0], *words[1:])
    )


def pinned_files(command: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Every word of a command that names a file, with the hash of what is in it."""
    paths = [Path(word) for word in command if word.startswith("/") and Path(word).is_file()]
    return tuple((str(path), digest_of(path)) for path in dict.fromkeys(paths))


def tools_digest(tools: Iterable[ForeignTool]) -> str:
    """One hash over the whole list, its order included."""
    return digest_hex(canonical_json(list(tools)))


def stated(server: ForeignServer) -> dict[str, Any]:
    """A server as an effect states it: what may have come from JSON and what went there agree."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(server)))
    return plain


def plan_server(before: ForeignServer | None, after: ForeignServer, verb: str) -> Plan:
    """Add a server, or pin it anew; the plan shows what starts, which tools, and their hash."""
    start, goal = None if before is None else stated(before), stated(after)
    effect = Effect(EFFECT_KIND, after.name, before=start, after=goal)
    return Plan(
        "mcp",
        verb,
        f"{verb} the MCP server {after.name}: {after.place}",
        () if start == goal else (effect,),
        reasons=tuple(_reasons(after)),
    )


def plan_removal(server: ForeignServer) -> Plan:
    effect = Effect(EFFECT_KIND, server.name, before=stated(server), after=None)
    return Plan("mcp", "remove", f"remove the MCP server {server.name}", (effect,))


def _reasons(server: ForeignServer) -> Iterator[str]:
    yield f"it is reached at {server.url}" if server.url else f"it runs {server.place}"
    if server.env:
        yield f"it may see the variables {', '.join(server.env)}"
    yield f"it has {len(server.tools)} tools, sha256 {server.tools_sha256}"
    for tool in server.tools[:_TOLD_TOOLS]:
        yield f"tool {tool['name']}: {str(tool.get('description', '')).partition(chr(10))[0][:100]}"
    if len(server.tools) > _TOLD_TOOLS:
        yield f"and {len(server.tools) - _TOLD_TOOLS} more tools"


def _read(name: str, path: Path) -> ForeignServer:
    try:
        return _made(name, json.loads(read_bytes(path, _LIMIT_BYTES)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ServerBroken(
            f"what is known of the MCP server {name} cannot be read",
            why=f"{path}: {error}"[:300],
            hint=f"remove that file, then: ai mcp add {name}",
        ) from error


def _made(name: str, body: Any) -> ForeignServer:
    known = cast("Mapping[str, Any]", body)
    tools = [dict(tool) for tool in known["tools"]]
    if not all(isinstance(tool["name"], str) for tool in tools):
        raise ValueError("a tool has no name")
    return ForeignServer(
        name=name,
        command=tuple(map(str, known["command"])),
        url=str(known["url"]),
        env=tuple(map(str, known["env"])),
        token_from=str(known["token_from"]),
        files=tuple((str(path), str(digest)) for path, digest in known["files"]),
        tools=tuple(tools),
    )

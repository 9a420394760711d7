"""Whether a server's tools are those that were pinned, and what is different where they are not."""

from collections.abc import Iterator, Sequence

from quintet.app.mcp_servers import ForeignServer, ForeignTool
from quintet.errors import Kind, QuintetError
from quintet.platform.policy.plain import plain_text

_SHOWN = 10
_VALUE_CHARS = 120


class ToolsChanged(QuintetError):
    """The tool set is not the one that was pinned; no tool of it is called."""

    kind = Kind.INTEGRITY
    code = "mcp.tools_changed"


def require_pinned(server: ForeignServer, present: Sequence[ForeignTool]) -> None:
    """Raise `ToolsChanged`, with the difference, unless the whole ordered set is the same."""
    changes = list(difference(server.tools, present))
    if not changes:
        return
    more = f"; and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    raise ToolsChanged(
        f"the tools of {server.name} are not what was pinned; nothing was called",
        why="; ".join(changes[:_SHOWN]) + more,
        hint=f"look at it with ai mcp pin {server.name} --dry-run",
        details={"changes": changes},
    )


def difference(before: Sequence[ForeignTool], after: Sequence[ForeignTool]) -> Iterator[str]:
    """What is new, gone, renamed, changed or in another place, in a person's words."""
    old = {str(tool["name"]): tool for tool in before}
    new = {str(tool["name"]): tool for tool in after}
    gone = [name for name in old if name not in new]
    for name, tool in new.items():
        if name in old:
            yield from _changes(name, old[name], tool)
            continue
        former = next((one for one in gone if _same_but_name(old[one], tool)), None)
        if former is None:
            yield plain_text(f"added: {name}")
        else:
            gone.remove(former)
            yield plain_text(f"renamed: {former} is now {name}")
    yield from (plain_text(f"removed: {name}") for name in gone)
    if len(old) != len(before) or len(new) != len(after):
        yield "a name stands twice in the list"
    common_before = [name for name in old if name in new]
    if common_before != [name for name in new if name in old]:
        yield "the order of the tools is another"


def _changes(name: str, before: ForeignTool, after: ForeignTool) -> Iterator[str]:
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            was, now = _short(before.get(key)), _short(after.get(key))
            yield plain_text(f"changed: {name}: {key} was {was}, is {now}")


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _VALUE_CHARS else f"{text[:_VALUE_CHARS]}…"


def _same_but_name(before: ForeignTool, after: ForeignTool) -> bool:
    return {**before, "name": ""} == {**after, "name": ""}

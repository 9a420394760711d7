"""The table of commands: names and summaries only, so that help and completion import no code.

A verb lives in the module `quintet_cli.<group>.<verb>`; the verbs of a group are listed in the
group's own `__init__`. Verbs without a group are listed here with the folder that they live in.
"""

from collections.abc import Iterator
from importlib import import_module
from keyword import iskeyword

ENGINES = {
    "edge": "small language models on your own hardware, offline",
    "code": "find and fix faults in code until the tests pass",
    "video": "understand and edit footage",
    "life": "a private view over calendar, money, health and messages",
    "ops": "workflows from an event to an audited outcome",
}
HOUSE = {
    "models": "language models and embedders that the engines may use",
    "budget": "what may be spent, and what was",
    "policy": "what may leave the machine, and for what",
    "schedule": "run verbs at set times, by cron, systemd or launchd",
    "prove": "run any command with the network denied by the kernel",
    "key": "the keys that protect your data",
    "trace": "what happened in a run: commands, models, tools, subprocesses",
    "mcp": "verbs as tools for other programs, and their tools for you",
    "eval": "whether it works: cases, how sure a result is, what got worse",
    "store": "the local database: look, back up, check, restore",
    "config": "settings, and where each came from",
    "completion": "TAB completion for your shell",
}
# Groups that are about things with an id: `ai trace k7f3q9` is `ai trace show k7f3q9`.
BY_ID = {"trace": "show"}
Path = tuple[str] | tuple[str, str]
GROUPS = {**ENGINES, **HOUSE}

TOP: dict[str, tuple[str, str]] = {
    "demo": ("start", "a two-minute tour of what works offline, on its own data"),
    "log": ("record", "what was done"),
    "show": ("record", "one action in full"),
    "why": ("record", "the reasons and evidence behind an action"),
    "undo": ("record", "take actions back"),
    "plans": ("consent", "plans that wait for your word"),
    "apply": ("consent", "carry out a plan exactly as it was shown"),
    "doctor": ("health", "what works here, what does not, and the command that helps"),
    "selftest": ("health", "torture the store, the record and the budget on your own disk"),
    "setup": ("health", "install a heavy part: llm, native, video, mcp, pg"),
    "version": ("health", "versions of everything that matters"),
}


def verbs_of(group: str) -> dict[str, str]:
    """The verbs of a group with their summaries, as its own `__init__` lists them."""
    verbs: dict[str, str] = import_module(f"quintet_cli.{group}").VERBS
    return verbs


def module_of(path: Path) -> str:
    """Where the code of a command lives: ('life', 'add') or ('undo',)."""
    folder = path[0] if len(path) > 1 else TOP[path[0]][0]
    name = path[-1].replace("-", "_")
    return f"quintet_cli.{folder}.{name}_" if iskeyword(name) else f"quintet_cli.{folder}.{name}"


def walk() -> Iterator[Path]:
    """Every command's path, in the order of the table."""
    yield from ((name,) for name in TOP)
    for group in GROUPS:
        yield from ((group, verb) for verb in verbs_of(group))

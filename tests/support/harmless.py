"""Words with which each verb can be run by anybody, anywhere, in a second or so."""

from quintet_cli.tree import walk

# Verbs that are not listed need no words.
WORDS: dict[str, tuple[str, ...]] = {
    "show": ("k7f3q9",),
    "why": ("k7f3q9",),
    "apply": ("b582c9",),
    "selftest": ("--torture", "1s"),
    "budget set": ("day_usd", "1.00"),
    "key add": ("recovery",),
    "key remove": ("keyfile",),
    "key export": ("keys.json",),
    "key import": ("keys.json",),
    "store sql": ("spine", "SELECT 42"),
    "store restore": ("spine", "backup.duckdb"),
    "store export": ("spine", "exported"),
    "config get": ("budget.day_usd",),
    "config set": ("budget.day_usd", "1.00"),
    "config unset": ("budget.day_usd",),
    "completion show": ("bash",),
    "completion install": ("bash",),
}


def command_lines() -> list[tuple[str, ...]]:
    """One harmless command line for each verb."""
    return [(*path, *WORDS.get(" ".join(path), ())) for path in walk()]


def name_of(words: tuple[str, ...]) -> str:
    return " ".join(words)

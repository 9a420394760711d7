"""Words with which each verb can be run by anybody, anywhere, in a second or so."""

from quintet_cli.tree import Path, walk

# Verbs that are not listed need no words.
WORDS: dict[str, tuple[str, ...]] = {
    "completion show": ("bash",),
    "completion install": ("bash",),
}


def command_lines() -> list[tuple[str, ...]]:
    """One harmless command line for each verb."""
    return [(*path, *WORDS.get(" ".join(path), ())) for path in walk()]


def name_of(words: tuple[str, ...]) -> str:
    return " ".join(words)


def is_known(path: Path) -> bool:
    return " ".join(path) in WORDS

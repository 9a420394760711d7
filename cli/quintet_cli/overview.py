"""The help of `ai` and of its groups, drawn from the table alone; a verb draws its own."""

from quintet_cli.tree import ENGINES, HOUSE, TOP, verbs_of

PURPOSE = "a private AI toolkit for the terminal. It works offline, with no model and no key."
_WIDTH = 78
EXAMPLES = (
    "ai demo",
    "ai edge fit",
    "ai life brief",
    "ai undo --dry-run",
    "ai prove offline -- ai life brief",
)


def _rows(entries: dict[str, str]) -> list[str]:
    column = max(map(len, entries), default=0) + 2
    lines: list[str] = []
    for name, summary in entries.items():
        lead, words = f"  {name:<{column}}", summary.split()
        line = lead
        for word in words:
            if len(line) + len(word) > _WIDTH:
                lines.append(line.rstrip())
                line = " " * len(lead)
            line += word + " "
        lines.append(line.rstrip())
    return lines


def root_help() -> str:
    """What `ai --help` prints."""
    lines = [f"ai: {PURPOSE}"]
    lines += ["", "Examples:", *(f"  {example}" for example in EXAMPLES)]
    lines += ["", "Usage: ai GROUP VERB [OPTIONS]", "", "Engines:", *_rows(ENGINES)]
    lines += ["", "For all of them:"]
    lines += _rows({name: summary for name, (_, summary) in TOP.items()})
    lines += ["", "The house:", *_rows(HOUSE)]
    lines += ["", "ai GROUP --help lists a group's verbs; ai GROUP VERB --help shows examples."]
    return "\n".join(lines) + "\n"


def group_help(group: str) -> str:
    """What `ai GROUP --help` prints."""
    verbs = verbs_of(group)
    lines = [f"ai {group}: {(ENGINES | HOUSE)[group]}", ""]
    lines += [f"Usage: ai {group} VERB [OPTIONS]", "", "Verbs:", *_rows(verbs)]
    lines += ["", f"ai {group} VERB --help shows a verb's examples."]
    return "\n".join(lines) + "\n"

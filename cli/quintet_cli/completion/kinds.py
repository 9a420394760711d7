"""How a parameter says what TAB may offer for it: by its metavar.

`FILE`, `FOLDER` and `COMMAND` are completed by the shell itself. A metavar of the table below is
completed from the words that `completion.cache` keeps under its name in lower case. `GROUP` is
answered from the table of commands. Any other metavar offers nothing.
"""

from quintet_cli.surface import Value
from quintet_cli.tree import ENGINES

CACHED: dict[str, str] = {
    "ACTION": "actions in the record, newest first",
    "PLAN": "plans that wait for a word",
    "MODEL": "models in the catalogue",
    "SETTING": "settings by their full name",
    "WORKFLOW": "workflows of ai ops",
    "SKILL": "skills of ai edge",
    "STYLE": "styles of ai video",
}


def choices_of(value: Value) -> tuple[str, ...]:
    """The words that are known before anything runs."""
    return tuple(ENGINES) if value.name == "GROUP" and not value.choices else value.choices


def word_of(value: Value) -> str:
    """A value in the tables of the scripts: choices as `a|b|`, else its kind, `-` for none."""
    if choices := choices_of(value):
        return "".join(f"{choice}|" for choice in choices)
    if value.name in CACHED:
        return value.name.lower()
    return value.name if value.name in {"FILE", "FOLDER", "COMMAND"} else "-"

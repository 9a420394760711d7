"""How a parameter says what TAB may offer for it: by its metavar.

`FILE`, `FOLDER` and `COMMAND` are completed by the shell itself. A metavar in `CACHED` is completed
from the words that `completion.cache` keeps under its name in lower case, one in `known_words` from
words that stand in the script. `MODEL|FILE` offers both; any other metavar offers nothing.
"""

from functools import cache

from quintet.app.home import DATABASES
from quintet.app.sections import SECTIONS
from quintet.platform.config.schema import Schema
from quintet.platform.extras import EXTRAS
from quintet_cli.surface import Value
from quintet_cli.tree import ENGINES

CACHED: dict[str, str] = {
    "ACTION": "actions in the record, newest first",
    "PLAN": "plans that wait for a word",
    "MODEL": "models in the catalogue",
    "SLOT": "slots of the keyset",
    "RUN": "runs that were traced, newest first",
    "JOB": "jobs of the schedule",
    "WORKFLOW": "workflows of ai ops",
}


@cache
def known_words() -> dict[str, tuple[str, ...]]:
    """Words that are settled when the script is made, by metavar."""
    return {
        "GROUP": tuple(ENGINES),
        "STORE": tuple(DATABASES),
        "PART": tuple(EXTRAS),
        "SECTION": tuple(SECTIONS),
        "KEY": tuple(option.key for option in Schema(SECTIONS).options()),
        "LIMIT": tuple(Schema(SECTIONS).section("budget")),
    }


def choices_of(value: Value) -> tuple[str, ...]:
    """The words that are known before anything runs."""
    return value.choices or known_words().get(value.name, ())


def kinds_of(value: Value) -> list[str]:
    """What else may be offered, in the names by which the scripts know it."""
    alternatives = value.name.removeprefix("-- ").split("|")
    of_shell = [name for name in alternatives if name in {"FILE", "FOLDER", "COMMAND"}]
    return [name.lower() for name in alternatives if name in CACHED] + of_shell


def word_of(value: Value) -> str:
    """A value in the tables of the scripts: choices as `a|b|`, else kinds as `model+FILE`."""
    if choices := choices_of(value):
        return "".join(f"{choice}|" for choice in choices)
    return "+".join(kinds_of(value)) or "-"

"""The command of a job, looked at before it is needed: it must be a verb, with words that it takes.

A mistake that a person would see at once would otherwise be found at night, by nobody.
"""

from dataclasses import dataclass
from typing import Any

from typer._click import exceptions as parsing  # Typer keeps its parser private; pinned below 0.29

from quintet.platform.policy.plan import Risk
from quintet.platform.schedule.job import BadJob, checked_words
from quintet_cli.lazy import load
from quintet_cli.tree import GROUPS, TOP, Path, verbs_of
from quintet_cli.verb import Does, HelpAsked, VerbCommand, complaint

# Their plans always want somebody's word; others may, depending on what they find.
_NEED_A_PERSON = frozenset(
    {
        "apply",
        "budget reset",
        "budget unblock",
        "config edit",
        "config trust",
        "key add",
        "key export",
        "key import",
        "key remove",
        "key unlock",
        "ops trigger",
        "policy allow",
        "schedule install",
        "setup",
        "store restore",
        "undo",
    }
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is kept, and what is to be known before it runs with nobody there."""

    words: tuple[str, ...]
    verb: str
    does: Does
    says_yes: bool
    is_dry: bool

    @property
    def danger(self) -> str:
        """Why a person should see this job first; nothing for most.

        A job with `--yes` is a yes to whatever its plans will be, so it takes one to make it.
        """
        if self.does is Does.DESTROYS and not self.is_dry:
            return f"`ai {self.verb}` can do what cannot be undone, and nobody will be there"
        return "with --yes it agrees to plans that nobody has seen yet" if self.says_yes else ""

    @property
    def risk(self) -> Risk:
        return Risk.MODERATE if self.danger else Risk.MILD

    @property
    def warnings(self) -> list[str]:
        """What may stop it where nobody can be asked."""
        if self.verb in _NEED_A_PERSON and not self.says_yes and not self.is_dry:
            return [f"`ai {self.verb}` may ask for a yes; at night it ends with status 4 instead"]
        return []


def command_of(words: list[str]) -> Command:
    """The words behind `ai`, if they are a command that can be run; raises `BadJob`."""
    kept = checked_words(tuple(words[1:] if words[:1] == ["ai"] else words))
    path = _path_of(kept)
    if path == ("schedule", "run"):
        raise BadJob("a job cannot run jobs", why="it would wait for itself")
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    given = _parsed(verb, path, kept)
    does = verb.nature.does or Does.DESTROYS
    return Command(kept, " ".join(path), does, given["flag_yes"], given["flag_dry_run"])


def _path_of(words: tuple[str, ...]) -> Path:
    first = words[0]
    if first in TOP:
        return (first,)
    if first in GROUPS and len(words) > 1 and words[1] in verbs_of(first):
        return (first, words[1])
    named = " ".join(words[:2] if first in GROUPS else words[:1])
    hint = f"ai {first} --help" if first in GROUPS else "ai --help"
    raise BadJob(f"there is no command `ai {named}`", why="only verbs of ai can be jobs", hint=hint)


def _parsed(verb: VerbCommand, path: Path, words: tuple[str, ...]) -> dict[str, Any]:
    try:
        with verb.make_context(f"ai {' '.join(path)}", list(words[len(path) :])) as context:
            return context.params
    except HelpAsked as error:
        raise BadJob("a job that asks for help does nothing") from error
    except parsing.UsageError as error:
        hint = f"ai {' '.join(path)} --help"
        raise BadJob(
            "the command cannot be run like this", why=complaint(error), hint=hint
        ) from error

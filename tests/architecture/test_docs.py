"""Every command that the documentation shows can be typed: the verb, its flags, its words."""

import re
import shlex
from collections.abc import Iterator

import pytest
from typer._click import exceptions as parsing

from quintet_cli.lazy import load, with_verb
from quintet_cli.tree import GROUPS, walk
from quintet_cli.verb import HelpAsked
from support.sources import ROOT

VERBS = set(walk())
PAGES = sorted(
    page for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")) if page.name != "CHANGELOG.md"
)
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:[^`\n]|\n(?!\n))+)`")
PROMPT = re.compile(r"^(?:\$ )?(ai .+)$", re.MULTILINE)
# A remark to the right, or what a shell would take for its own.
BEYOND = re.compile(r"\s(?:  |#|\||&&|>|<|;|…|\().*")


def shown(text: str) -> Iterator[str]:
    """The command lines of a page: in blocks, behind a prompt or bare, and within sentences."""
    for block in FENCE.findall(text):
        yield from PROMPT.findall(block)
    for words in INLINE.findall(FENCE.sub("", text)):
        if words.startswith("ai "):
            yield from alternatives(" ".join(words.split()))


def alternatives(line: str) -> Iterator[str]:
    """`ai log|show` is short for two commands."""
    choice = re.search(r"(?<= )[a-z]+(?:\|[a-z]+)+", line)
    for word in choice[0].split("|") if choice else [""]:
        yield line.replace(choice[0], word) if choice else line


def words_of(line: str) -> list[str]:
    command = BEYOND.sub("", line).rstrip("…")
    try:
        return shlex.split(command)[1:]
    except ValueError:
        return command.split()[1:]


def fault_of(words: list[str]) -> str:
    """What the parser has against these words; placeholders for numbers and files are fine."""
    words = with_verb(words)
    path = next((path for n in (2, 1) if (path := tuple(words[:n])) in VERBS), ())
    if not path:
        is_other = not words or words[0].startswith("-") or words[0].isupper()
        is_group = words[:1] in [[name] for name in (*GROUPS, "help")]
        goes_on = len(words) > 1 and re.match(r"[a-z]", words[1]) and words[0] != "help"
        return "" if is_other or (is_group and not goes_on) else "there is no such command"
    command = load(path)
    try:
        command.make_context(" ".join(path), words[len(path) :])
    except (HelpAsked, parsing.BadParameter):
        return ""
    except parsing.UsageError as error:
        return error.format_message()
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_can_be_typed(page) -> None:
    faults = {
        line: fault for line in shown(page.read_text()) if (fault := fault_of(words_of(line)))
    }
    assert not faults


def test_a_wrong_command_would_be_noticed() -> None:
    for line in ("ai life bring", "ai life add --often x", "ai models add NAME FILE", "ai lief"):
        assert fault_of(words_of(line)), line
    assert list(shown("x\n```sh\nai a b   # c\n$ ai d\n```\ny `ai e` `f`")) == [
        "ai a b   # c",
        "ai d",
        "ai e",
    ]

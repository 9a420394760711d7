"""The list of tools against the command tree: nothing is missing, nothing is more than it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quintet.app.mcp_settings import McpSettings
from quintet.errors import UsageError
from quintet.mcp.tool import Tool
from quintet_cli.lazy import load
from quintet_cli.mcp.arguments import words_for
from quintet_cli.mcp.reach import KEPT_BACK, OWN_WORDS, PLAN_ONLY
from quintet_cli.mcp.toolbox import tool_name, tools
from quintet_cli.tree import walk
from quintet_cli.verb import Does, VerbCommand
from support.harmless import command_lines, name_of, with_flags
from support.mcp_peers import arguments_of
from support.terminal import Terminal

PATHS = {" ".join(path): path for path in walk()}
TOOLS = {tool.name: tool for tool in tools(McpSettings(), lambda _caller: {})}


def verb_at(name: str) -> VerbCommand:
    verb = load(PATHS[name])
    assert isinstance(verb, VerbCommand)
    return verb


def tool_for(name: str) -> Tool:
    return TOOLS[tool_name(PATHS[name])]


@pytest.mark.demand("MCP-1")
def test_every_verb_is_a_tool_or_the_table_says_why_not() -> None:
    assert set(TOOLS) == {tool_name(path) for name, path in PATHS.items() if name not in KEPT_BACK}
    assert list(TOOLS) == [tool_name(p) for n, p in PATHS.items() if n not in KEPT_BACK]
    assert all(reason for reason in KEPT_BACK.values())


def test_the_tables_name_verbs_that_there_are() -> None:
    assert {*KEPT_BACK, *PLAN_ONLY, *OWN_WORDS} <= set(PATHS)
    assert not (PLAN_ONLY | OWN_WORDS) & set(KEPT_BACK)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_a_tool_says_what_it_takes_and_gives(tool: Tool) -> None:
    Draft202012Validator.check_schema(tool.arguments)
    Draft202012Validator.check_schema(tool.result)
    assert tool.description
    for name, schema in tool.arguments["properties"].items():
        assert schema["description"], name


@pytest.mark.parametrize("name", [name for name in PATHS if name not in KEPT_BACK])
def test_hints_are_what_the_verb_declares(name: str) -> None:
    does = verb_at(name).nature.does
    assert tool_for(name).is_reading == (does is Does.READS)
    assert tool_for(name).is_destructive == (does is Does.DESTROYS)


CAUTIOUS = [
    line
    for line in command_lines()
    for name in (" ".join(line[:2]), line[0])
    if name in PATHS and name not in KEPT_BACK
    if name in PLAN_ONLY or verb_at(name).nature.does is Does.DESTROYS
]


@pytest.mark.demand("MCP-3")
@pytest.mark.parametrize("line", CAUTIOUS, ids=name_of)
def test_what_a_client_may_only_plan_is_only_planned(
    line: tuple[str, ...], terminal: Terminal
) -> None:
    result = terminal.ai(*with_flags(line, "--json", "--no-input", "--dry-run")).json
    is_nothing_new = result.get("changed") is False or result["schema"] == "ai.setup/1"
    assert result["schema"] in ("ai.plan/1", "ai.error/1") or is_nothing_new
    assert terminal.ai("log", "--json").json["actions"] == []


@pytest.mark.demand("MCP-3")
def test_no_tool_takes_a_yes_or_other_settings() -> None:
    taken = {name for tool in TOOLS.values() for name in tool.arguments["properties"]}
    assert not taken & {"yes", "y", "config", "no_input", "json", "help"}


@pytest.mark.demand("MCP-3")
def test_what_makes_a_verb_do_more_than_it_says_is_no_argument() -> None:
    assert "tidy" not in tool_for("log").arguments["properties"]["task"]["enum"]
    assert not {"fix", "bundle"} & set(tool_for("doctor").arguments["properties"])
    assert "test" not in tool_for("code locate").arguments["properties"]


@pytest.mark.parametrize("line", command_lines(), ids=name_of)
def test_arguments_become_the_words_that_they_came_from(line: tuple[str, ...]) -> None:
    name = next(n for n in (" ".join(line[:2]), line[0]) if n in PATHS)
    if name in KEPT_BACK:
        return
    arguments = arguments_of(line)
    Draft202012Validator(tool_for(name).arguments).validate(arguments)
    words = words_for(verb_at(name), arguments)
    assert arguments_of((*PATHS[name], *words)) == arguments


VALUES = st.sampled_from(["--yes", "-y", "--json", "--", "--help", "$(id)", "a b", "", "*"])
TEXTS = VALUES | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.demand("MCP-4")
@given(TEXTS, TEXTS)
def test_a_value_stays_a_value(place: str, note: str) -> None:
    for name, given_ in (
        ("life add", {"words": [place, note]}),
        ("ops trigger", {"workflow": place, "event": note, "in": place}),
        ("policy allow", {"destination": place, "port": [1], "purpose": note, "note": note}),
    ):
        words = words_for(verb_at(name), given_)
        assert arguments_of((*PATHS[name], *words)) == given_


@pytest.mark.demand("MCP-4")
@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * 200_000])
def test_a_value_that_no_process_can_be_given_is_refused(value: str) -> None:
    with pytest.raises(UsageError):
        words_for(verb_at("life add"), {"words": [value]})


def test_a_place_cannot_be_given_without_the_one_before() -> None:
    with pytest.raises(UsageError, match="statement"):
        words_for(verb_at("store sql"), {"statement": "SELECT 1"})

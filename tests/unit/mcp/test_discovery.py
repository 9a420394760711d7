"""Tools are found by what somebody wants to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.app.mcp_settings import McpSettings
from quintet.mcp.discovery import Finder
from quintet.mcp.visible import visible_json
from quintet_cli.mcp.toolbox import tools

TOOLS = tools(McpSettings(), lambda _caller: {})
FINDER = Finder(TOOLS)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("what do I have today and tomorrow", "life_brief"),
        ("add an appointment to my calendar", "life_add"),
        ("which models can this machine run", "edge_fit"),
        ("why do my tests fail, which lines", "code_locate"),
        ("find the scenes of a clip", "video_scenes"),
        ("take back what was just done", "undo"),
        ("how much money was spent", "budget_show"),
        ("run an SQL query", "store_sql"),
        ("what may leave this machine", "policy_list"),
        ("what works here and what does not", "doctor"),
        ("change a setting", "config_set"),
    ],
)
def test_the_tool_for_a_task_is_among_the_first(query: str, name: str) -> None:
    assert name in [tool.name for tool in FINDER.find(query, 5)]


def test_words_that_nothing_has_find_nothing() -> None:
    assert FINDER.find("xylophone zebra") == []
    assert FINDER.find("") == []
    assert Finder([]).find("anything") == []


@given(st.text(), st.integers(1, 50))
def test_any_words_can_be_asked(query: str, limit: int) -> None:
    assert len(FINDER.find(query, limit)) <= limit


@pytest.mark.demand("MCP-9")
@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_json_that_hides_nothing_is_the_same_value(value: object) -> None:
    import json
    import unicodedata

    text = visible_json(value)
    assert json.loads(text) == value
    assert not {unicodedata.category(char) for char in text} & {"Cc", "Cf", "Zl", "Zp"}

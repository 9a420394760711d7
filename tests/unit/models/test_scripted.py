"""The scripted model answers by its script, and says which line of it is wrong."""

import pytest

from quintet.errors import QuintetError
from quintet.models.port import Finish, Message, ModelFailed, Request, Role, ToolCall
from quintet.models.scripted import (
    Line,
    ScriptBroken,
    ScriptedModel,
    ScriptEnded,
    parse_script,
    read_script,
)
from quintet.platform.files import FileFailure


def asked(text: str, **more) -> Request:
    return Request((Message(Role.USER, text),), **more)


def test_lines_are_used_in_order_and_then_the_script_has_ended():
    model = ScriptedModel(["one", "two"])
    assert [model.complete(asked("x")).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(ScriptEnded, match="no answer left"):
        model.complete(asked("x"))
    assert len(model.requests) == 3


def test_a_line_may_wait_for_a_word_and_be_used_again():
    model = ScriptedModel([Line("sunny", when="weather", again=True), "other"])
    assert model.complete(asked("the weather?")).text == "sunny"
    assert model.complete(asked("hello")).text == "other"
    assert model.complete(asked("weather again")).text == "sunny"


def test_a_line_may_fail_on_purpose():
    with pytest.raises(ModelFailed, match="on purpose"):
        ScriptedModel([Line(fails="on purpose")]).complete(asked("x"))


def test_a_script_is_read_from_a_file(tmp_path):
    path = tmp_path / "script.jsonl"
    path.write_text(
        '"plain"\n\n{"json": {"a": [1, "ü"]}}\n'
        '{"tool_calls": [{"name": "add", "arguments": {"n": 1}}], "when": "tool"}\n'
    )
    model = read_script(path)
    assert model.complete(asked("x")).text == "plain"
    assert model.complete(asked("x")).text == '{"a": [1, "ü"]}'
    reply = model.complete(asked("use a tool"))
    assert reply.finish is Finish.TOOLS
    assert reply.tool_calls == (ToolCall("call-4-0", "add", {"n": 1}),)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b'"ok"\nnope', "not JSON"),
        (b"[1]", "neither a text nor an object"),
        (b'{"txet": "x"}', "unknown field 'txet'"),
        (b'{"text": 5}', "is not a text"),
        (b'{"tool_calls": [{"name": "x"}]}', "needs a name and arguments"),
        (b'{"tool_calls": 7}', "needs a name and arguments"),
        (b"[" * 3000, "nested"),
    ],
)
def test_a_broken_script_is_told_with_its_line(data, why):
    with pytest.raises(ScriptBroken) as caught:
        parse_script(data)
    assert why in str(caught.value)


def test_a_missing_script_is_told(tmp_path):
    with pytest.raises(FileFailure, match="does not exist"):
        read_script(tmp_path / "missing.jsonl")


@pytest.mark.parametrize(
    "request_",
    [
        Request(()),
        asked("x", max_tokens=0),
        asked("x", stop=("",)),
        asked("x", schema={}, tools=(object(),)),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(request_):
    with pytest.raises(QuintetError) as caught:
        ScriptedModel(["x"]).complete(request_)
    assert caught.value.code == "models.request_refused"

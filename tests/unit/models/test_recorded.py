"""Calls that were recorded can be played back, and secrets never reach the tape."""

import multiprocessing
from pathlib import Path

import pytest

from quintet.models.port import Message, Request, Role, Tool, ToolCall
from quintet.models.recorded import (
    NotOnTape,
    RecordingModel,
    ReplayedModel,
    Tape,
    TapeBroken,
    parse_tape,
    request_key,
)
from quintet.models.scripted import Line, ScriptedModel
from quintet.platform.files import FileFailure

KEYS = [
    "sk-proj-abcdefghijklmnopqrstuvwx",
    "ghp_0123456789abcdefghij0123456789abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
    "password = hunter2hunter2",
    'api_key: "1234567890abcdef"',
    "Authorization: Bearer abc.def.ghi-123456",
    "https://user:verysecret@example.org/",
]  # fmt: skip


def asked(text: str, **more) -> Request:
    return Request((Message(Role.USER, text),), **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tape.jsonl"


@pytest.mark.demand("MODELS-6")
def test_what_was_recorded_is_played_back_the_same(path):
    line = Line("answer", (ToolCall("1", "add", {"n": [1, None]}),))
    model = RecordingModel(ScriptedModel([line, "second"]), Tape.read(path))
    tools = (Tool("add", "adds", {"type": "object"}),)
    first = model.complete(asked("x", tools=tools))
    second = model.complete(asked("y", stop=("z",), temperature=0.5, seed=3))
    replayed = ReplayedModel(Tape.read(path))
    assert replayed.complete(asked("y", stop=("z",), temperature=0.5, seed=3)) == second
    assert replayed.complete(asked("x", tools=tools)) == first


def test_the_same_request_gets_its_replies_in_order_and_then_the_last_one(path):
    model = RecordingModel(ScriptedModel(["a", "b"]), Tape.read(path))
    for _ in range(2):
        model.complete(asked("x"))
    replayed = ReplayedModel(Tape.read(path))
    assert [replayed.complete(asked("x")).text for _ in range(3)] == ["a", "b", "b"]


def test_a_stream_is_recorded_when_it_is_complete(path):
    model = RecordingModel(ScriptedModel(["one two", "three"]), Tape.read(path))
    next(model.stream(asked("left early")))
    list(model.stream(asked("x")))
    tape = Tape.read(path)
    assert len(tape.replies) == 1
    assert "".join(chunk.text for chunk in ReplayedModel(tape).stream(asked("x"))) == "three"


def test_a_request_that_was_never_recorded_is_told(path):
    RecordingModel(ScriptedModel(["a"]), Tape.read(path)).complete(asked("x"))
    with pytest.raises(NotOnTape, match="never recorded"):
        ReplayedModel(Tape.read(path)).complete(asked("x", max_tokens=7))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.demand("MODELS-6")
def test_no_secret_reaches_the_tape(path, key):
    secret = key.split("://user:")[-1].split("@")[0] if "://" in key else key.split()[-1]
    request = asked(f"use {key} now", tools=(Tool("t", key, {"const": key}),))
    RecordingModel(ScriptedModel([f"your key is {key}"]), Tape.read(path)).complete(request)
    written = path.read_text()
    assert secret.strip("\"'") not in written
    assert "masked" in written
    assert "your key is" in ReplayedModel(Tape.read(path)).complete(request).text


def test_ordinary_text_is_left_alone(path):
    text = "The token limit is 4096; pass the secretary's note. https://example.org/a:b@c sk-x"
    request = asked(text)
    RecordingModel(ScriptedModel([text]), Tape.read(path)).complete(request)
    assert text in path.read_text()


def test_the_tape_is_private(path):
    RecordingModel(ScriptedModel(["a"]), Tape.read(path)).complete(asked("x"))
    assert path.stat().st_mode & 0o077 == 0


def test_labels_do_not_change_what_was_asked():
    from quintet.platform.policy.label import Label

    plain = Request((Message(Role.USER, "x"),))
    labelled = Request((Message(Role.USER, "x", labels=frozenset({Label.PRIVATE})),))
    assert request_key(plain) == request_key(labelled)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\n",
        b"{}\n",
        b"[1]\n",
        b'{"key": "a", "reply": 5}\n',
        b'{"key": ["a"], "reply": {}}\n',
        b'{"key": "a", "reply": {"text": "x", "tool_calls": [{}]}}\n',
        b'{"key": "a", "re',
    ],
)
def test_a_broken_tape_is_told_with_its_line(data):
    with pytest.raises(TapeBroken, match="line 1"):
        parse_tape(data)


def test_a_tape_that_cannot_be_written_is_told(tmp_path):
    tape = Tape.read(tmp_path / "missing" / "tape.jsonl")
    with pytest.raises(FileFailure):
        RecordingModel(ScriptedModel(["a"]), tape).complete(asked("x"))


def _record(path: Path, name: str) -> None:
    model = RecordingModel(ScriptedModel([Line("y" * 20_000, again=True)]), Tape.read(path))
    for n in range(20):
        model.complete(asked(f"{name} {n}"))


def test_several_processes_record_on_one_tape(path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_record, args=(path, str(n))) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(Tape.read(path).replies) == 80

"""The rules of the `ChatModel` port, held against every kind of model in the registry."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from quintet.errors import QuintetError
from quintet.models.port import (
    ChatModel,
    Finish,
    Message,
    Reply,
    Request,
    Role,
    SchemaUnsupported,
    Tool,
    ToolCall,
    whole,
)
from quintet.models.recorded import RecordingModel, ReplayedModel, Tape
from quintet.models.registry import PROVIDERS, open_model, parse_spec
from quintet.models.scripted import Line, ScriptedModel
from quintet.models.strict_json import parse_json
from quintet.models.structured import ask_for
from quintet.models.validation import problems
from support.model_servers import ModelServer
from support.model_services import services
from support.tiny_gguf import make_tiny_gguf

SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 12},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "tags": {"type": "array", "items": {"enum": ["new", "old"]}, "maxItems": 2},
    },
    "required": ["title", "stars", "tags"],
    "additionalProperties": False,
}
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 8}, "days": {"enum": [1, 2, 3]}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOLS = (
    Tool("weather", "tells the weather", PARAMETERS),
    Tool("news", "tells the news", {"type": "object", "properties": {}}),
)
SENTENCE = "It is said that möglich 🙂 things happen, one after the other, every single day."


def asked(text: str, **more) -> Request:
    return Request((Message(Role.USER, text),), **{"max_tokens": 200, "temperature": 0.0, **more})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case may put its files, and the fake server that it may ask."""

    folder: Path
    server: ModelServer


def _script() -> list[Line]:
    return [
        Line('{"title": "a", "stars": 3, "tags": []}', when="JSON", again=True),
        Line(
            tool_calls=(ToolCall("c1", "weather", {"city": "Oslo", "days": 2}),),
            when="use a tool",
            again=True,
        ),
        Line(SENTENCE, again=True),
    ]


class Rerecorded:
    """Records each call and then answers it from the file, as two processes would."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = f"recorded:{path}"

    def _replayed(self, request: Request) -> ReplayedModel:
        recording = RecordingModel(ScriptedModel(_script()), Tape.read(self._path))
        recording.complete(request)
        return ReplayedModel(Tape.read(self._path))

    def complete(self, request: Request) -> Reply:
        return self._replayed(request).complete(request)

    def stream(self, request: Request):
        return self._replayed(request).stream(request)

    def close(self) -> None:
        return


def _scripted(place: Place) -> ChatModel:
    return ScriptedModel(_script())


def _recorded(place: Place) -> ChatModel:
    return Rerecorded(place.folder / "tape.jsonl")


def _openai(place: Place) -> ChatModel:
    return open_model(parse_spec(f"openai:good@{place.server.url}"), services())


def _anthropic(place: Place) -> ChatModel:
    return open_model(parse_spec(f"anthropic:good@{place.server.url}"), services())


def _gguf(place: Place) -> ChatModel:
    path = place.folder / "tiny.gguf"
    if not path.exists():
        make_tiny_gguf(path)
    return open_model(parse_spec(f"gguf:{path}"), services(context_tokens=2048))


CASES: dict[str, Callable[[Place], ChatModel]] = {
    "scripted": _scripted,
    "recorded": _recorded,
    "gguf": _gguf,
    "openai": _openai,
    "anthropic": _anthropic,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ModelServer() as server:
        yield Place(tmp_path_factory.mktemp("models"), server)


REAL = {"gguf"}
# Kinds that cannot constrain their output: they say so, and nothing else is asked of them there.
WITHOUT_SCHEMAS: set[str] = set()
# Kinds that never ask for a tool: they answer in words when some are offered.
WITHOUT_TOOLS: set[str] = set()
PARAMS = [pytest.param(kind, marks=[pytest.mark.real] * (kind in REAL)) for kind in CASES]


@pytest.fixture(params=PARAMS, scope="module")
def model(request: pytest.FixtureRequest, place: Place) -> Iterator[ChatModel]:
    model = CASES[request.param](place)
    yield model
    model.close()


@pytest.mark.demand("MODELS-7")
def test_every_kind_of_model_is_held_to_this_contract():
    for kind in PROVIDERS:
        assert kind in CASES, f"add a factory for {kind} and its line to CASES"
    for kind in {*CASES, *WITHOUT_SCHEMAS, *WITHOUT_TOOLS}:
        assert kind in PROVIDERS, f"{kind} has no row in PROVIDERS of models/registry.py"


def test_a_reply_says_what_it_is(model):
    reply = model.complete(asked("hello"))
    assert reply.text
    assert reply.model
    assert model.name
    assert reply.finish in (Finish.STOP, Finish.LENGTH)
    assert reply.tool_calls == ()
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.completion_tokens > 0


def test_the_pieces_of_a_stream_are_the_text_of_its_reply(model):
    chunks = list(model.stream(asked("hello")))
    *pieces, last = chunks
    assert all(piece.reply is None for piece in pieces)
    assert last.reply is not None
    assert "".join(chunk.text for chunk in chunks) == last.reply.text


def test_a_stream_and_a_whole_call_agree(model):
    reply = model.complete(asked("hello"))
    assert whole(model.stream(asked("hello"))).text == reply.text


def test_the_same_request_at_temperature_zero_has_the_same_answer(model):
    request = asked("hello")
    assert model.complete(request).text == model.complete(request).text


def test_calls_do_not_remember_each_other(model):
    first = model.complete(asked("hello")).text
    model.complete(asked("something else entirely, and longer than before"))
    assert model.complete(asked("hello")).text == first


def test_a_stop_string_never_stands_in_the_text(model):
    text = model.complete(asked("hello")).text
    stop = text[3:6]
    request = asked("hello", stop=("\x00never", stop))
    reply = model.complete(request)
    assert reply.text == text[: text.index(stop)]
    assert reply.finish is Finish.STOP
    streamed = list(model.stream(request))
    assert "".join(chunk.text for chunk in streamed) == reply.text
    assert streamed[-1].reply.text == reply.text


def test_an_answer_ends_at_the_limit_and_says_so(model):
    text = model.complete(asked("hello")).text
    reply = model.complete(asked("hello", max_tokens=2))
    assert reply.finish is Finish.LENGTH
    assert len(reply.text) < len(text)
    assert text.startswith(reply.text.rstrip("\ufffd"))


@pytest.fixture
def constrained(model, request):
    """The model, where it can be asked for a schema; the others must refuse in so many words."""
    if request.node.callspec.params["model"] in WITHOUT_SCHEMAS:
        for call in (model.complete, lambda request: list(model.stream(request))):
            with pytest.raises(SchemaUnsupported):
                call(asked("Give JSON", schema=SCHEMA))
        pytest.skip("this kind has no schemas, and says so")
    return model


@pytest.mark.demand("MODELS-2")
def test_an_answer_fits_the_schema_that_was_asked_for(constrained):
    model = constrained
    for turn in range(3):
        found = ask_for(model, asked(f"Give JSON, number {turn}", max_tokens=400), SCHEMA)
        assert problems(SCHEMA, found.value) == []


def test_a_streamed_answer_fits_its_schema_too(constrained):
    model = constrained
    request = asked("Give JSON", max_tokens=400, schema=SCHEMA)
    assert problems(SCHEMA, parse_json(whole(model.stream(request)).text)) == []


@pytest.mark.parametrize("way", ["complete", "stream"])
def test_tools_are_called_with_arguments_that_fit(model, way, request):
    kind = request.node.callspec.params["model"]
    ask = model.complete if way == "complete" else lambda request: whole(model.stream(request))
    # Weights by chance call a tool by chance, so they are asked several times.
    replies = [
        ask(asked("please use a tool", max_tokens=400, tools=TOOLS, temperature=1.0, seed=seed))
        for seed in range(8 if kind in REAL else 1)
    ]
    schemas = {tool.name: tool.parameters for tool in TOOLS}
    for reply in replies:
        assert (reply.finish is Finish.TOOLS) == bool(reply.tool_calls)
        for call in reply.tool_calls:
            assert problems(schemas[call.name], call.arguments) == []
        ids = [call.id for call in reply.tool_calls]
        assert all(ids)
        assert len(set(ids)) == len(ids)
    has_called = any(reply.tool_calls for reply in replies)
    assert has_called == (kind not in WITHOUT_TOOLS), "WITHOUT_TOOLS names those that call none"


def test_the_answer_of_a_tool_can_be_handed_back(model):
    request = asked("please use a tool", max_tokens=400, tools=TOOLS)
    reply = model.complete(request)
    results = [Message(Role.TOOL, "sunny", tool_call_id=call.id) for call in reply.tool_calls]
    said = Message(Role.ASSISTANT, reply.text, tool_calls=reply.tool_calls)
    turns = (Message(Role.SYSTEM, "Be brief."), *request.messages, said, *results)
    again = model.complete(replace(request, messages=turns, tools=()))
    assert again.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800 half",
        "日本語 \u202e 🙂",
        "a" * 300,
        '"quotes" \\ {{ x }}',
        "<|im_end|>",
    ],
)
def test_any_text_can_be_sent(model, text):
    messages = (Message(Role.SYSTEM, text), Message(Role.USER, text + "."))
    reply = model.complete(Request(messages, max_tokens=5))
    assert isinstance(reply.text, str)
    reply.text.encode()


@pytest.mark.parametrize(
    "request_",
    [
        Request(()),
        asked("x", max_tokens=0),
        asked("x", temperature=-1.0),
        asked("x", temperature=float("nan")),
        asked("x", stop=("",)),
        asked("x", schema=SCHEMA, tools=TOOLS),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_before_anything_is_sent(model, place, request_):
    before = len(place.server.bodies)
    for call in (model.complete, lambda request: list(model.stream(request))):
        with pytest.raises(QuintetError) as caught:
            call(request_)
        assert caught.value.code == "models.request_refused"
    assert len(place.server.bodies) == before


def test_a_stream_may_be_left_early(model):
    stream = model.stream(asked("hello"))
    next(stream)
    stream.close()
    assert model.complete(asked("hello")).text


def test_a_closed_model_opens_again(model):
    first = model.complete(asked("hello")).text
    model.close()
    model.close()
    assert model.complete(asked("hello")).text == first


def test_sampling_parameters_are_sent_only_when_given(place):
    for kind in ("openai", "anthropic"):
        model = CASES[kind](place)
        model.complete(Request((Message(Role.USER, "x"),)))
        assert not place.server.bodies[-1].keys() & {
            "temperature",
            "top_p",
            "top_k",
            "seed",
            "stop",
        }
        model.complete(Request((Message(Role.USER, "x"),), temperature=0.5))
        assert place.server.bodies[-1]["temperature"] == 0.5


def test_streams_of_two_models_may_be_read_in_turns(place):
    models = [CASES[kind](place) for kind in ("openai", "anthropic")]
    streams = [model.stream(asked("hello")) for model in models]
    turns = list(itertools.zip_longest(*streams))
    for chunks in zip(*turns, strict=True):
        said = [chunk for chunk in chunks if chunk is not None]
        assert "".join(chunk.text for chunk in said) == said[-1].reply.text

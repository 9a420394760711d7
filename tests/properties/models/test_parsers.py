"""Every parser of foreign data gives a value or an error of ours, whatever bytes come in."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.errors import QuintetError
from quintet.models.catalog import parse_catalog
from quintet.models.gguf import parse_header
from quintet.models.gguf_tokens import read_signs
from quintet.models.port import Message, Request, Role
from quintet.models.prices import parse_prices
from quintet.models.recorded import parse_tape
from quintet.models.registry import parse_spec
from quintet.models.schema import check_schema
from quintet.models.scripted import ScriptedModel, parse_script
from quintet.models.strict_json import parse_json
from quintet.models.structured import ask_for
from quintet.models.validation import problems
from quintet.models.wordpiece import words_of
from support.tiny_gguf import make_tiny_gguf

PARSERS: dict[str, Callable[[bytes], object]] = {
    "gguf": parse_header,
    "script": parse_script,
    "tape": parse_tape,
    "catalogue": parse_catalog,
    "prices": parse_prices,
    "json": lambda data: parse_json(data.decode("utf-8", "replace")),
    "spec": lambda data: parse_spec(data.decode("utf-8", "replace")),
    "words": lambda data: words_of(data.decode("utf-8", "replace")),
}
SEEDS = {
    "script": b'{"text": "a", "when": "b"}\n"c"\n',
    "tape": b'{"key": "k", "reply": {"text": "", "tool_calls": [], "usage": {}, "finish": ""}}\n',
    "catalogue": b'{"format": 1, "models": {"a": {"name": "a", "spec": "scripted:x"}}}',
    "prices": b'[[price]]\nhost="h"\nmodel="m"\nprompt=1\ncompletion=1\nas_of=2026-01-01\n',
    "spec": b"openai:m@http://127.0.0.1:1/v1",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


def mutated(data: bytes, seed: int) -> bytes:
    """The bytes with some of them flipped, removed, doubled or replaced by extremes."""
    rng = random.Random(seed)
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(4):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                del out[at : at + rng.randint(1, 9)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 9)]
            case _:
                size = rng.choice([1, 4, 8])
                out[at : at + size] = rng.choice([b"\xff", b"\x00", b"\x7f"]) * size
    return bytes(out)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_gguf(tmp_path_factory.mktemp("seed") / "tiny.gguf", width=8, layers=1)


@pytest.mark.parametrize("kind", PARSERS)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_an_error_with_words(kind, data):
    try:
        PARSERS[kind](data)
    except QuintetError as error:
        assert error.what


@pytest.mark.parametrize("kind", SEEDS)
@given(st.integers(0, 2**32))
def test_damaged_input_is_a_value_or_an_error_with_words(kind, seed):
    try:
        PARSERS[kind](mutated(SEEDS[kind], seed))
    except QuintetError as error:
        assert error.what


@pytest.mark.demand("MODELS-4")
@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_model_is_described_or_refused(tiny, tmp_path_factory, seed):
    header_end = min(tensor.offset for tensor in parse_header(tiny.read_bytes()).tensors)
    whole = tiny.read_bytes()
    data = mutated(whole[:header_end], seed) + whole[header_end:]
    try:
        header = parse_header(data)
    except QuintetError as error:
        assert error.why
        return
    assert header.parameters >= 0
    assert isinstance(header.architecture, str)
    assert isinstance(header.quantisation, str)
    assert header.context_length >= 0
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    path.write_bytes(data)
    read_signs(path)


@given(JSON, JSON)
def test_any_value_is_a_schema_or_is_refused(schema, value):
    try:
        check_schema(schema)
    except QuintetError as error:
        assert error.what
        return
    for problem in problems(schema, value):
        assert problem.path.startswith("$")


@given(st.text(max_size=60))
def test_any_answer_of_a_model_is_taken_or_refused(text):
    model = ScriptedModel([text, text])
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    try:
        ask_for(model, Request((Message(Role.USER, "x"),)), schema)
    except QuintetError as error:
        assert error.code == "models.bad_reply"


def test_no_error_holds_a_whole_large_input():
    for kind, parse in PARSERS.items():
        data = json.dumps(["x" * 100_000]).encode()
        try:
            parse(data)
        except QuintetError as error:
            assert len(str(error)) < 5000, kind
            assert not re.search("x{1000}", str(error))

"""How long texts are taken apart for an embedder that reads only so much at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import UsageError
from quintet.models.embed_gguf import parts_of
from quintet.models.registry import open_embedder
from support.model_services import services


@given(st.text(max_size=80), st.integers(1, 30))
def test_no_part_is_too_long_and_nothing_is_left_out(text, limit):
    parts = parts_of(text, limit)
    # A single character may be longer than a tiny limit; it is never cut apart.
    assert all(len(part.encode()) <= max(limit, 4) for part in parts)
    kept = "".join("".join(part.split()) for part in parts)
    plain = text.encode("utf-8", "replace").decode()
    if limit >= 4:
        assert kept == "".join(plain.split())


def test_texts_are_cut_between_words_where_there_are_some():
    assert parts_of("the quick brown fox", 11) == ["the quick", "brown fox"]
    assert parts_of("  \n ", 5) == []


@pytest.mark.parametrize("text", ["", "static:x", "gguf:", "minilm", "openai:x"])
def test_what_names_no_embedder_is_refused(text):
    with pytest.raises(UsageError):
        open_embedder(text, services())

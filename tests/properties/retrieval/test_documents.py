"""Whatever the bytes, a loader gives a document or a reason, and passages are spans of it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.retrieval.adapters.load_process import BoundedLoading
from quintet.retrieval.chunk import LIMIT_CHARS, sentences, spans
from quintet.retrieval.document import Document, Limits, Unreadable
from quintet.retrieval.loaders.choice import LOADERS, loader_for
from quintet.retrieval.names import path_of, text_of
from quintet.retrieval.stems import stem
from quintet.retrieval.words import terms, words
from support.documents import SAMPLES

LIMITS = Limits(time_s=5)
TEXT_LOADERS = ["text", "markdown", "code", "python"]
LOADING = BoundedLoading(LIMITS)
PIECES = st.sampled_from(
    [
        *("# ", "## a\n", "\n", "\n\n", "```\n", "~~~", "def f():\n", "class A:\n", "    "),
        *("word ", "Satz. ", "\r\n", "\t", "東京", "é", "@x\n", "func g() {\n", "}\n", "x" * 1500),
        *(". ", "- item\n", "=====\n"),
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=400)


def check(document: Document) -> None:
    """The laws that hold for every document."""
    at = 0
    for block in document.blocks:
        assert block.start == at < block.end
        at = block.end
    assert at == len(document.text)
    at = 0
    for span in spans(document):
        assert at <= span.start < span.end
        assert not document.text[at : span.start].strip()
        assert document.text[span.start : span.end] == document.text[span.start : span.end].strip()
        assert span.end - span.start <= LIMIT_CHARS + 100
        at = span.end
    assert not document.text[at:].strip()


@pytest.mark.demand("FIND-3")
@given(TEXTS, st.sampled_from(TEXT_LOADERS))
@settings(max_examples=300, deadline=None)
def test_passages_are_spans_that_hold_all_of_a_text(text: str, name: str) -> None:
    data = text.encode("utf-8", "replace")
    try:
        document = LOADERS[name].load(data, LIMITS)
    except Unreadable:
        return
    assert document.text.encode(document.encoding) == data
    check(document)


@given(TEXTS, st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"]))
@settings(max_examples=150, deadline=None)
def test_the_bytes_of_a_text_come_back_in_whatever_encoding_it_is(text: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")
    try:
        document = LOADERS["text"].load(data, LIMITS)
    except Unreadable:
        return
    assert document.text.encode(document.encoding) == data


def mutated(data: bytes, cuts: list[tuple[int, bytes]]) -> bytes:
    for at, put in cuts:
        place = at % (len(data) + 1)
        data = data[:place] + put + data[place + len(put) :]
    return data


CUTS = st.lists(
    st.tuples(st.integers(0, 5000), st.binary(max_size=6) | st.sampled_from([b"<", b"\0", b"("])),
    max_size=6,
)


@pytest.mark.demand("FIND-4")
@pytest.mark.parametrize("name", SAMPLES)
@given(cuts=CUTS, length=st.integers(0, 3000))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_mutation_of_a_document_ends_in_anything_but_a_document_or_a_reason(
    name: str, cuts: list[tuple[int, bytes]], length: int
) -> None:
    data = mutated(SAMPLES[name], cuts)[: max(length, 20)]
    loader = loader_for(name, data)
    assert loader is not None
    try:
        document = LOADING.load(loader, data)
    except Unreadable as error:
        assert error.why
    else:
        check(document)


@given(st.binary(max_size=300), st.sampled_from(sorted(LOADERS)))
@settings(max_examples=150, deadline=None)
def test_no_junk_ends_in_anything_but_a_document_or_a_reason(data: bytes, name: str) -> None:
    try:
        check(LOADING.load(LOADERS[name], data))
    except Unreadable as error:
        assert error.why


@given(TEXTS)
def test_words_and_sentences_lie_in_the_text_one_after_the_other(text: str) -> None:
    at = 0
    for word in words(text):
        assert at <= word.start < word.end <= len(text)
        at = word.end
    assert [term for word in words(text) for term in word.terms] == terms(text)
    at = 0
    for start, end in sentences(text):
        assert at <= start < end and not text[at:start].strip()
        at = end
    assert not text[at:].strip()


@given(st.from_regex(r"[a-z]{1,30}", fullmatch=True))
def test_a_stem_is_never_empty_and_no_longer_than_its_word(word: str) -> None:
    assert 0 < len(stem(word)) <= len(word)


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_every_name_that_a_file_can_have_comes_back(name: bytes) -> None:
    import os

    path = os.fsdecode(name)
    text = text_of(path)
    text.encode()
    assert os.fsencode(path_of(text)) == name
    assert Path(path_of(text))

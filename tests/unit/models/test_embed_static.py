"""The embedder that ships tells related texts from unrelated ones."""

import hashlib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from quintet.models import embed_static
from quintet.models.embed_static import StaticEmbedder
from quintet.models.wordpiece import WordPiece, words_of

LINES = (Path(__file__).parent / "triples.txt").read_text(encoding="utf-8").splitlines()
TRIPLES = [tuple(line.split(" | ")) for line in LINES[1:]]


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.mark.demand("MODELS-5")
def test_related_texts_are_told_from_lookalikes(embedder):
    texts = embedder.embed([text for triple in TRIPLES for text in triple])
    anchors, related, lookalikes = texts[0::3], texts[1::3], texts[2::3]
    margins = (anchors * related).sum(axis=1) - (anchors * lookalikes).sum(axis=1)
    # A table without context is fooled by one lookalike in five; chance would be one in two.
    assert (margins > 0).mean() >= 0.8
    assert margins.mean() > 0.15


def test_every_text_finds_its_partner_among_all(embedder):
    anchors = embedder.embed([triple[0] for triple in TRIPLES])
    related = embedder.embed([triple[1] for triple in TRIPLES])
    ranks = [(row > row[index]).sum() for index, row in enumerate(anchors @ related.T)]
    assert sum(rank == 0 for rank in ranks) >= 0.8 * len(TRIPLES)


def test_accents_and_case_do_not_matter(embedder):
    rows = embedder.embed(["Café in Zürich", "CAFE IN ZURICH"])
    assert np.allclose(rows[0], rows[1])


def test_unknown_words_meet_themselves_and_nobody_else(embedder):
    word, same, other = embedder.embed(["🦩🦩", "🦩", "🪇"])
    assert float(word @ same) > 0.99
    assert abs(float(word @ other)) < 0.4


def test_the_table_is_the_one_that_was_published():
    data = (resources.files("quintet.models") / "data" / embed_static.TABLE).read_bytes()
    assert hashlib.sha256(data).hexdigest() == embed_static.TABLE_SHA256


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't panic!", ["don", "'", "t", "panic", "!"]),
        ("naïve ÅNGSTRÖM", ["naive", "angstrom"]),
        ("snake_case 3.14", ["snake", "_", "case", "3", ".", "14"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("a\x00b\u200bc", ["a", "bc"]),
        ("", []),
    ],
)
def test_texts_are_split_into_plain_words(text, words):
    assert words_of(text) == words


def test_a_word_is_split_into_the_longest_known_pieces():
    pieces = WordPiece({"un": 0, "##happi": 1, "##ness": 2, "unhapp": 3})
    assert pieces.pieces("unhappiness") is None
    assert WordPiece({"un": 0, "##happi": 1, "##ness": 2}).pieces("unhappiness") == (0, 1, 2)
    assert pieces.pieces("x" * 101) is None

"""The rules of the `Embedder` port, held against every embedder that ships."""

from collections.abc import Callable

import numpy as np
import pytest

from quintet.models.embed_static import StaticEmbedder
from quintet.models.port import Embedder

EMBEDDERS: dict[str, Callable[[], Embedder]] = {"static": StaticEmbedder}
TEXTS = [
    *["a short note", "", "Größe über alles", "日本語のテキスト", "🙂🙃"],
    *["word " * 3000, "\x00\t\n", "½ ∑ \ud800"],
]


@pytest.fixture(params=sorted(EMBEDDERS), scope="module")
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return EMBEDDERS[request.param]()


def test_a_row_for_each_text_of_the_promised_width(embedder):
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimensions)
    assert rows.dtype == np.float32
    assert embedder.embed([]).shape == (0, embedder.dimensions)


def test_rows_have_length_one_or_are_zero(embedder):
    lengths = np.linalg.norm(embedder.embed(TEXTS), axis=1)
    assert all(abs(length - 1) < 1e-5 or length == 0 for length in lengths)
    assert lengths[0] > 0
    assert lengths[1] == 0


def test_a_vector_does_not_depend_on_its_neighbours(embedder):
    together = embedder.embed(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        assert np.allclose(embedder.embed([text])[0], row, atol=1e-6)


def test_two_instances_agree(embedder):
    other = type(embedder)()
    assert other.digest == embedder.digest
    assert other.name == embedder.name
    assert np.array_equal(other.embed(TEXTS), embedder.embed(TEXTS))


def test_related_texts_are_nearer_than_unrelated_ones(embedder):
    near, far = (
        embedder.embed(["the cat chased a mouse", "a kitten hunts mice"]),
        embedder.embed(["quarterly tax declaration"]),
    )
    assert float(near[0] @ near[1]) > float(near[0] @ far[0])

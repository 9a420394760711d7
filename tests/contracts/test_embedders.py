"""The rules of the `Embedder` port, held against every embedder that ships."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from quintet.models.port import Embedder
from quintet.models.registry import EMBEDDERS, open_embedder
from support.model_services import services
from support.tiny_gguf import make_tiny_gguf


def _gguf(folder: Path) -> Embedder:
    path = folder / "tiny.gguf"
    if not path.exists():
        make_tiny_gguf(path)
    return open_embedder(f"gguf:{path}", services(context_tokens=512))


CASES: dict[str, Callable[[Path], Embedder]] = {
    "static": lambda _folder: open_embedder("static", services()),
    "gguf": _gguf,
}
REAL = {"gguf"}
PARAMS = [pytest.param(kind, marks=[pytest.mark.real] * (kind in REAL)) for kind in CASES]
# Weights by chance know nothing, so nothing is asked of them about meaning.
WITH_MEANING = {"static"}
TEXTS = [
    *["a short note", "", "Größe über alles", "日本語のテキスト", "🙂🙃"],
    *["word " * 3000, "\x00\t\n", "½ ∑ \ud800"],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedders")


@pytest.fixture(params=PARAMS, scope="module")
def embedder(request: pytest.FixtureRequest, folder: Path) -> Iterator[Embedder]:
    embedder = CASES[request.param](folder)
    yield embedder
    embedder.close()


@pytest.mark.demand("MODELS-7")
def test_every_kind_of_embedder_is_held_to_this_contract():
    for kind in EMBEDDERS:
        assert kind in CASES, f"add a line for {kind} to CASES"
    for kind in CASES:
        assert kind in EMBEDDERS, f"{kind} has no line in EMBEDDERS of models/registry.py"


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


def test_two_instances_agree(embedder, folder):
    other = CASES[embedder.name.partition("-")[0].partition(":")[0]](folder)
    assert other.digest == embedder.digest
    assert other.name == embedder.name
    assert np.allclose(other.embed(TEXTS), embedder.embed(TEXTS), atol=1e-6)
    other.close()
    other.close()
    assert other.embed(["again"]).any()
    other.close()


@pytest.mark.parametrize("kind", sorted(WITH_MEANING))
def test_related_texts_are_nearer_than_unrelated_ones(kind, folder):
    embedder = CASES[kind](folder)
    near, far = (
        embedder.embed(["the cat chased a mouse", "a kitten hunts mice"]),
        embedder.embed(["quarterly tax declaration"]),
    )
    assert float(near[0] @ near[1]) > float(near[0] @ far[0])

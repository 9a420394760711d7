"""The catalogue keeps models by name, links their files instead of copying them, and loses none."""

import multiprocessing
import os
from pathlib import Path

import pytest

from quintet.errors import NotFound
from quintet.models.catalog import (
    BadName,
    Catalog,
    CatalogBroken,
    Entry,
    ModelChanged,
    check_name,
    describe_file,
    name_for,
    parse_catalog,
    render_catalog,
)
from quintet.models.catalog_effects import ModelEffects, plan_add, plan_remove
from quintet.models.gguf import GgufBroken
from quintet.platform.files import FileFailure, digest_of
from quintet.platform.progress import SilentProgress
from quintet.platform.record.effects.port import WorldChanged
from support.tiny_gguf import make_tiny_gguf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_tiny_gguf(tmp_path / "Tiny Model (F16).gguf")


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data" / "models")


def described(path: Path, name: str = "tiny") -> Entry:
    return describe_file(name, path, SilentProgress())


def test_an_entry_says_what_the_file_says_about_itself(path):
    entry = described(path)
    assert entry.architecture == "llama"
    assert entry.quantisation == "F16"
    assert entry.licence == "apache-2.0"
    assert entry.context_length == 2048
    assert entry.size_bytes == path.stat().st_size
    assert entry.sha256 == digest_of(path)


@pytest.mark.demand("MODELS-11")
def test_a_file_is_linked_and_not_copied(path, catalog):
    catalog.put(described(path))
    linked = catalog.path_of("tiny")
    assert linked != path
    assert linked.samefile(path)
    path.unlink()
    assert catalog.path_of("tiny").exists()


def test_where_no_link_can_be_made_the_file_is_used_where_it_lies(path, catalog, monkeypatch):
    def refused(*_: object) -> None:
        raise OSError("another file system")

    monkeypatch.setattr(os, "link", refused)
    catalog.put(described(path))
    assert catalog.path_of("tiny") == path
    path.unlink()
    with pytest.raises(NotFound, match="no file here"):
        catalog.path_of("tiny")


def test_forgetting_a_model_removes_our_link_and_not_the_users_file(path, catalog):
    catalog.put(described(path))
    catalog.put(described(path, "alias"))
    link = catalog.path_of("tiny")
    catalog.remove("tiny")
    assert link.exists()
    catalog.remove("alias")
    assert not link.exists()
    assert path.exists()
    assert catalog.entries() == []
    catalog.remove("never there")


@pytest.mark.demand("MODELS-11")
def test_a_changed_file_is_told(path, catalog):
    catalog.put(described(path))
    assert catalog.verify("tiny").name == "tiny"
    with path.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\x99")
    with pytest.raises(ModelChanged):
        catalog.verify("tiny")


def test_an_unknown_name_is_told_with_those_that_are_known(path, catalog):
    with pytest.raises(NotFound, match="none yet"):
        catalog.get("x")
    catalog.put(described(path))
    with pytest.raises(NotFound, match="tiny"):
        catalog.get("x")
    assert catalog.find("x") is None


def test_adding_and_removing_can_be_taken_back(path, catalog):
    effects = ModelEffects(catalog)
    (added,) = plan_add(catalog, described(path)).effects
    effects.apply(added)
    effects.apply(added)
    assert plan_add(catalog, described(path)).effects == ()
    (removed,) = plan_remove(catalog.get("tiny")).effects
    effects.apply(removed)
    assert effects.state("tiny") is None
    effects.revert(removed)
    effects.revert(removed)
    assert catalog.path_of("tiny").samefile(path)
    effects.revert(added)
    assert catalog.entries() == []


def test_a_model_that_was_changed_in_the_meantime_is_left_alone(path, catalog):
    effects = ModelEffects(catalog)
    (added,) = plan_add(catalog, described(path)).effects
    effects.apply(added)
    catalog.put(Entry("tiny", "openai:other@http://127.0.0.1:1/v1"))
    with pytest.raises(WorldChanged):
        effects.revert(added)


@pytest.mark.parametrize(
    "name", ["", "UPPER", "a/b", "..", "-x", "a" * 65, "a b", "ä", "a\n", "x.gguf"]
)
def test_what_cannot_be_a_name_is_refused(name):
    with pytest.raises(BadName):
        check_name(name)


def test_a_name_is_made_from_that_of_the_file():
    assert name_for("Tiny Model (F16)") == "tiny-model-f16"
    assert name_for("日本") == "model"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": 2, "models": {}}',
        b'{"format": 1, "models": []}',
        b'{"format": 1, "models": {"a": 5}}',
        b'{"format": 1, "models": {"a": {"name": "b", "spec": "x:y"}}}',
        b'{"format": 1, "models": {"a": {"name": "a"}}}',
        b'{"format": 1, "models": {"a": {"name": "a", "spec": "x:y", "size_bytes": "5"}}}',
        b'{"format": 1, "models": {"a": {"name": "a", "spec": "x:y", "extra": 1}}}',
        b'{"format": 1, "models": {"a": {"name": "a", "spec": "x:y", "link": "../../x"}}}',
    ],
)
def test_a_broken_catalogue_is_told_and_not_overwritten(data, tmp_path, path):
    with pytest.raises(CatalogBroken):
        parse_catalog(data)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "catalog.json").write_bytes(data)
    with pytest.raises(CatalogBroken):
        Catalog(folder).put(described(path))
    assert (folder / "catalog.json").read_bytes() == data


def test_what_is_written_can_be_read(path):
    entries = {"tiny": described(path), "far": Entry("far", "openai:m@https://example.org/v1")}
    assert parse_catalog(render_catalog(entries)) == entries


def test_a_file_that_is_no_model_is_not_added(tmp_path):
    text = tmp_path / "notes.gguf"
    text.write_text("not a model")
    with pytest.raises(GgufBroken):
        described(text)
    with pytest.raises(FileFailure):
        described(tmp_path / "missing.gguf")


def _add(folder: Path, first: int) -> None:
    for number in range(first, first + 15):
        Catalog(folder).put(Entry(f"m{number}", "scripted:/x"))


def test_several_processes_add_models_and_none_is_lost(tmp_path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add, args=(tmp_path, 100 * n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(Catalog(tmp_path).entries()) == 60

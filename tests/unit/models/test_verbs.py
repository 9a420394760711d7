"""The verbs of `ai models` on real files, beyond what the transcript shows."""

import json
import sys
from pathlib import Path

import pytest

from quintet.models import registry
from quintet.models.registry import PROVIDERS, Provider, Spec
from support.model_services import services
from support.terminal import Terminal
from support.tiny_gguf import make_tiny_gguf


@pytest.fixture
def path(terminal: Terminal) -> Path:
    return make_tiny_gguf(terminal.home / "Tiny Chat.gguf")


def test_a_file_is_added_looked_at_and_forgotten(terminal, path):
    added = terminal.ai("models", "add", str(path))
    assert added.status == 0
    assert added.out.startswith("tiny-chat: llama F16, 0.2 MB, licence apache-2.0")
    shown = terminal.ai("models", "show", "tiny-chat", "--json").json
    assert shown["entry"]["parameters"] == 90_752
    assert shown["needed"]["weights_bytes"] < shown["entry"]["size_bytes"]
    assert shown["available_bytes"] > 0
    terminal.ai("models", "rm", "tiny-chat")
    assert path.exists()
    assert terminal.ai("models", "list", "--json").json["chat"] == []


def test_a_file_can_be_looked_at_without_being_added(terminal, path):
    shown = terminal.ai("models", "show", "Tiny Chat.gguf")
    assert shown.status == 0, shown.err
    assert "fits" in shown.out
    assert terminal.ai("models", "list", "--json").json["chat"] == []


def test_a_model_whose_file_is_gone_is_listed_so(terminal, path):
    terminal.ai("models", "add", str(path), "--name", "tiny")
    for link in (terminal.home / ".local/share/ai/models/files").iterdir():
        link.unlink()
    path.unlink()
    assert "its file is gone" in terminal.ai("models", "list").out
    gone = terminal.ai("models", "test", "tiny")
    assert gone.status == 1
    assert "ai models rm tiny" in gone.err


def test_a_model_whose_file_changed_is_not_tried(terminal, path):
    terminal.ai("models", "add", str(path), "--name", "tiny")
    with path.open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\x99")
    changed = terminal.ai("models", "test", "tiny")
    assert changed.status == 7
    assert "has changed" in changed.err


@pytest.mark.real
def test_a_real_model_is_tried_and_paid_for(terminal, path):
    terminal.ai("models", "add", str(path), "--name", "tiny")
    terminal.ai("config", "set", "models.default", "tiny")
    tested = terminal.ai("models", "test", "--json")
    assert tested.status == 0, tested.out
    assert [step["error"] for step in tested.json["steps"]] == [None, None]
    used = terminal.ai("budget", "show", "--json").json["used"]
    assert next(use for use in used if use["account"] == "day/models")["spent"]["tokens"] > 0


def test_a_limit_of_time_shortens_calls_instead_of_refusing_them(terminal):
    (terminal.home / "script.jsonl").write_text(
        '"hello"\n{"json": {"capital": "x", "certainty": 1}}\n'
    )
    terminal.ai("budget", "set", "call_s", "5")
    assert terminal.ai("models", "test", "scripted:script.jsonl").status == 0


def test_a_name_that_is_taken_is_given_to_the_new_model_and_can_be_taken_back(terminal, path):
    terminal.ai("models", "add", str(path), "--name", "mine")
    terminal.ai("models", "add", "openai:m@http://127.0.0.1:1/v1", "--name", "mine")
    assert terminal.ai("models", "show", "mine", "--json").json["spec"]["provider"] == "openai"
    terminal.ai("undo")
    assert terminal.ai("models", "show", "mine", "--json").json["entry"]["architecture"] == "llama"


def test_an_embedder_that_is_gone_is_listed_so(terminal):
    terminal.ai("config", "set", "models.embedder", "gguf:/nowhere/bge.gguf")
    listed = terminal.ai("models", "list")
    assert listed.status == 0
    assert "could not read /nowhere/bge.gguf" in listed.out


def test_a_broken_catalogue_stops_every_verb_and_is_kept(terminal, path):
    folder = terminal.home / ".local/share/ai/models"
    folder.mkdir(parents=True)
    (folder / "catalog.json").write_text("{")
    for words in (("list",), ("show", "x"), ("add", str(path)), ("rm", "x"), ("test", "x")):
        assert terminal.ai("models", *words).status == 7
    assert (folder / "catalog.json").read_text() == "{"


def test_terminal_escapes_in_a_model_file_do_not_reach_the_screen(terminal):
    import gguf

    path = terminal.home / "evil.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_license("\x1b[2J\u202efree")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    for words in (("add", str(path)), ("list",), ("show", str(path))):
        shown = terminal.ai("models", *words)
        assert shown.status == 0, shown.err
        assert "\x1b" not in shown.out + shown.err
        assert "\u202e" not in shown.out + shown.err
    assert json.loads(terminal.ai("models", "list", "--json").out)["chat"]


def _catalogue(terminal, **specs: str) -> None:
    models = {name: {"name": name, "spec": spec} for name, spec in specs.items()}
    folder = terminal.home / ".local/share/ai/models"
    folder.mkdir(parents=True)
    (folder / "catalog.json").write_text(json.dumps({"format": 1, "models": models}))


def test_a_model_of_an_unknown_kind_is_listed_and_can_be_forgotten(terminal):
    _catalogue(terminal, newer="hologram:x", haiku="anthropic:claude-haiku-4-5")
    listed = terminal.ai("models", "list")
    assert listed.status == 0, listed.err
    assert "cannot be used: ai models rm newer" in listed.out
    assert "$1 in" in listed.out
    problems = {
        one["entry"]["name"]: one["problem"]
        for one in terminal.ai("models", "list", "--json").json["chat"]
    }
    assert "hologram:x" in problems["newer"]
    assert problems["haiku"] == ""
    for verb in ("show", "test"):
        refused = terminal.ai("models", verb, "newer")
        assert refused.status == 9
        assert "do: ai models rm newer" in refused.err
    assert terminal.ai("models", "rm", "newer").status == 0
    assert "hologram" not in terminal.ai("models", "list").out


@pytest.mark.parametrize("verb", ["add", "show", "test"])
def test_a_kind_without_a_model_is_told_how_to_go_on(terminal, verb):
    refused = terminal.ai("models", verb, "scripted:")
    assert refused.status == 2
    assert "nothing stands after the colon" in refused.err
    assert "scripted:FILE" in refused.err


@pytest.mark.parametrize("verb", ["show", "test"])
def test_a_kind_is_not_taken_for_a_name(terminal, verb):
    refused = terminal.ai("models", verb, "scripted")
    assert refused.status == 1
    assert "scripted:FILE" in refused.err


def test_help_names_every_kind_of_model(terminal):
    told = " ".join(terminal.ai("models", "add", "--help").out.split())
    for kind, provider in PROVIDERS.items():
        assert f"{kind}:{provider.rest}" in told


@pytest.mark.parametrize("kind", [kind for kind, row in PROVIDERS.items() if row.is_file])
def test_a_model_that_is_a_file_is_found_from_any_folder(terminal, kind):
    assert terminal.ai("models", "add", f"{kind}:a.jsonl", "--name", "mine").status == 0
    spec = terminal.ai("models", "list", "--json").json["chat"][0]["entry"]["spec"]
    assert spec == f"{kind}:{terminal.home / 'a.jsonl'}"


@pytest.mark.parametrize("kind", PROVIDERS)
def test_only_kinds_with_an_address_get_a_network(kind, monkeypatch):
    seen = []
    row = Provider(__name__, "X", address=PROVIDERS[kind].address)
    monkeypatch.setitem(registry.PROVIDERS, kind, row)
    monkeypatch.setattr(sys.modules[__name__], "open_model", lambda _, s: seen.append(s), False)
    registry.open_model(Spec(kind, "x"), services())
    if row.address:
        assert seen[0].http()
    else:
        with pytest.raises(RuntimeError, match="address"):
            seen[0].http()

"""Names in the table of commands are strings: only a test notices one that leads nowhere."""

import ast
import inspect
import re
from importlib import import_module

import pytest
from jsonschema import Draft202012Validator

from quintet_cli.lazy import load
from quintet_cli.shape import result_schema
from quintet_cli.tree import ENGINES, GROUPS, HOUSE, TOP, Path, module_of, walk
from quintet_cli.verb import VerbCommand
from support.sources import ROOT, Source, sources

PATHS = list(walk())
MODULES = {module_of(path) for path in PATHS}
SOURCES = sources("cli")
TRANSCRIPTS = ROOT / "tests/golden/transcripts"


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_verb_loads_and_explains_itself(path: Path) -> None:
    module = import_module(module_of(path))
    function = module.__name__.rpartition(".")[2]
    assert hasattr(module, function), f"its function must be called {function}, as its file is"
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    summary = inspect.cleandoc(verb.help or "").partition("\n\n")[0]
    assert summary, "its docstring is its help"
    assert summary.endswith("."), "the first paragraph of its docstring is a sentence"
    assert verb.examples, "examples come first in its help"
    command = f"ai {' '.join(path)}"
    assert any(command in example for example in verb.examples), f"an example holds {command}"
    assert (inspect.getdoc(module) or "").startswith(f"`{command}`"), (
        f"the docstring of its module begins with `{command}`"
    )


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_verb_says_what_it_does_and_what_its_results_look_like(path: Path) -> None:
    verb = load(path)
    assert isinstance(verb, VerbCommand)
    assert verb.nature.does, "@verb(does=Does.READS, …)"
    for name, shape in verb.nature.shapes().items():
        Draft202012Validator.check_schema(result_schema(name, shape))
    assert set(verb.nature.shapes()) - {"plan/1"}, '@verb(results={"life.zone/1": {…}}, …)'
    words = {word for p in verb.params for word in (*p.opts, *getattr(p.type, "choices", ()))}
    assert set(verb.nature.unless) <= words, "options and choices with which it does more"


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_verb_is_run_in_a_transcript(path: Path) -> None:
    command = re.compile(rf"^\$ ai {' '.join(path)}( |$)", re.MULTILINE)
    scripts = [script.read_text() for script in TRANSCRIPTS.glob("*.txt")]
    assert any(map(command.search, scripts)), f"write one in {TRANSCRIPTS.relative_to(ROOT)}"


def test_no_two_commands_share_a_name() -> None:
    assert not set(TOP) & set(GROUPS)
    assert not set(ENGINES) & set(HOUSE)
    assert len(set(PATHS)) == len(PATHS)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_verb_stands_in_a_small_file_of_its_own(path: Path) -> None:
    # Parse, call one use case, render; and what its results look like.
    module = import_module(module_of(path))
    lines = inspect.getsource(module).splitlines()
    assert len(lines) <= 150


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.place)
def test_whatever_is_marked_as_a_verb_is_in_the_table(source: Source) -> None:
    marks = (ast.unparse(mark) for each in source.functions() for mark in each.decorator_list)
    if any(mark.startswith("verb(") for mark in marks):
        group = source.path.parent
        table = f"VERBS in {group.name}/__init__.py" if group.name in GROUPS else "TOP in tree.py"
        assert source.module in MODULES, f"add the line of {source.path.stem} to {table}"

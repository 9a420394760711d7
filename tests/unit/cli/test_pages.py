"""Manual pages and the reference say everything that the command tree knows, and read well."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from quintet_cli import exits
from quintet_cli.reference import man, markdown
from support.verbs import sample_verbs


@pytest.mark.demand("CLI-4")
def test_every_exit_status_has_a_meaning_in_every_page() -> None:
    statuses = {exits.OK, exits.BUG, exits.INTERRUPTED, exits.CLOSED_PIPE, *exits.STATUS.values()}
    assert set(exits.MEANING) == statuses
    page, manual = markdown.page(sample_verbs()), man.pages(sample_verbs())["ai.1"]
    for status, text in exits.MEANING.items():
        assert f"| {status} | {text} |" in page
        assert f"\\fB{status}\\fR\n{text}" in manual.replace("\\-", "-")


def test_the_reference_shows_help_examples_and_parameters_of_each_verb() -> None:
    page = markdown.page(sample_verbs())
    for verb in sample_verbs():
        assert f"### ai {verb.name}\n" in page
        assert verb.examples[0] in page
    assert "- `-g, --goal fast|small`: Whatever it's" in page


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_a_typesetter_finds_no_fault_in_the_manual_and_shows_its_words(tmp_path: Path) -> None:
    for name, text in man.pages(sample_verbs()).items():
        page = tmp_path / name
        page.write_text(text)
        command = ["groff", "-man", "-ww", "-Tascii", "-P-cbou", page]
        shown = subprocess.run(command, capture_output=True, text=True, check=True)
        assert shown.stderr == ""
        if name == "ai-edge.1":
            assert ".A paragraph that begins like a request." in shown.stdout
            assert "Whatever it's [good] for: $HOME `ls` \\ %s." in shown.stdout
            assert "a  table\n" in shown.stdout


def test_flags_stand_before_the_words_of_another_command() -> None:
    prove = next(verb for verb in sample_verbs() if verb.path == ("prove", "offline"))
    assert prove.usage == "ai prove offline [OPTIONS] -- COMMAND..."


def test_a_manual_page_is_ascii_whatever_the_help_says() -> None:
    verbs = [replace(verb, summary="An anchor: 812:9f2c…") for verb in sample_verbs()]
    assert "812:9f2c\\[u2026]" in man.pages(verbs)["ai-edge.1"]

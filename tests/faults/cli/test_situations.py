"""Every verb in every unfriendly situation: a plain answer and a status that means something."""

import os
from functools import cache
from pathlib import Path

import pytest

from quintet_cli.exits import CLOSED_PIPE
from support.harmless import command_lines, name_of
from support.process import Ended, environment, run_ai
from support.situations import SITUATIONS, Situation, fill, open_folder, small_disk
from support.zygote import CAPTURED, CLOSED, GONE

pytestmark = pytest.mark.slow

_every_verb = pytest.mark.parametrize("words", command_lines(), ids=name_of)
_every_situation = pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)


@pytest.fixture(scope="module")
def quiet_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quiet")


@cache
def _friendly(words: tuple[str, ...], folder: Path) -> Ended:
    """How the command ends where nothing is in its way, in a home of its own."""
    home = folder / name_of(words).replace("/", "_")[:200]
    home.mkdir()
    return run_ai(words, environment(home), cwd=home)


@_every_verb
def test_the_words_that_are_tried_make_sense(words: tuple[str, ...], quiet_home: Path) -> None:
    ended = _friendly(words, quiet_home).require_grammar()
    assert ended.status != 2, (
        f"its first example, or words in tests/support/harmless.py: {ended.err!r}"
    )


@pytest.mark.demand("CLI-7")
@pytest.mark.demand("CLI-13")
@pytest.mark.demand("CLI-14")
@pytest.mark.demand("CLI-15")
@pytest.mark.demand("CLI-16")
@_every_situation
@_every_verb
def test_a_verb_keeps_the_grammar(words: tuple[str, ...], situation: Situation) -> None:
    with open_folder() as folder:
        ended = situation.run(words, folder / "home").require_grammar()
    if situation.streams[2] != CLOSED:
        ended.require_reason()


@pytest.mark.demand("CLI-11")
@pytest.mark.parametrize("size", ["64k", "16m"])
@_every_verb
def test_a_verb_says_plainly_that_the_disk_is_full(
    words: tuple[str, ...], size: str, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", size):
        if size == "16m":
            # A disk that fills up while ai is in use.
            run_ai(words, environment(tmp_path / "disk"), cwd=tmp_path).require_grammar()
        fill(tmp_path / "disk")
        ended = run_ai(words, environment(tmp_path / "disk"), cwd=tmp_path)
        ended.require_grammar().require_reason()


@pytest.mark.demand("CLI-11")
@pytest.mark.parametrize("stdout", [CLOSED, "/dev/full"])
@_every_verb
def test_a_result_that_is_lost_is_a_failure(
    words: tuple[str, ...], stdout: str, tmp_path: Path, quiet_home: Path
) -> None:
    streams = ("/dev/null", stdout, CAPTURED)
    ended = run_ai(words, environment(tmp_path), cwd=tmp_path, streams=streams).require_grammar()
    if _friendly(words, quiet_home).out:
        assert ended.status != 0
        assert b"output.lost" in ended.err


@pytest.mark.demand("CLI-10")
@_every_verb
def test_a_reader_who_goes_away_ends_a_verb_quietly(
    words: tuple[str, ...], tmp_path: Path, quiet_home: Path
) -> None:
    streams = ("/dev/null", GONE, CAPTURED)
    ended = run_ai(words, environment(tmp_path), cwd=tmp_path, streams=streams).require_grammar()
    friendly = _friendly(words, quiet_home)
    assert ended.status == (CLOSED_PIPE if friendly.out else friendly.status)


@pytest.mark.demand("CLI-18")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be both")
@_every_verb
def test_root_and_an_ordinary_user_get_the_same_answer(
    words: tuple[str, ...], quiet_home: Path
) -> None:
    user = next(each for each in SITUATIONS if each.name == "an ordinary user")
    with open_folder() as folder:
        assert user.run(words, folder / "home").status == _friendly(words, quiet_home).status

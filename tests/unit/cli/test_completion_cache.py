"""Names for TAB: small, harmless on a command line, and never in the way of a command."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet_cli.completion.cache import LIMIT, remember, remember_one


def _lines(cache_dir: Path, kind: str = "model") -> list[str]:
    return (cache_dir / "complete" / kind).read_text().splitlines()


def test_words_and_notes_stand_one_a_line_in_a_private_file(tmp_path: Path) -> None:
    remember(tmp_path, "MODEL", {"qwen": "3.4 GB", "llama3:8b": ""})
    assert _lines(tmp_path) == ["qwen\t3.4 GB", "llama3:8b\t"]
    assert stat.S_IMODE((tmp_path / "complete/model").stat().st_mode) == 0o600


def test_a_new_word_comes_first_and_only_once(tmp_path: Path) -> None:
    for word in ("aaa", "bbb", "aaa"):
        remember_one(tmp_path, "ACTION", word, "life add")
    assert _lines(tmp_path, "action") == ["aaa\tlife add", "bbb\tlife add"]


def test_the_oldest_words_go_when_there_are_too_many(tmp_path: Path) -> None:
    remember(tmp_path, "MODEL", {f"m{number}": "" for number in range(LIMIT + 50)})
    remember_one(tmp_path, "MODEL", "newest", "")
    assert len(_lines(tmp_path)) == LIMIT
    assert _lines(tmp_path)[0] == "newest\t"


@pytest.mark.parametrize(
    "word", ["$(reboot)", "`x`", "a b", "-rf", "a;b", "a\nb", "a'b", "", "~", "a|b"]
)
def test_a_word_that_a_shell_would_act_on_is_not_offered(tmp_path: Path, word: str) -> None:
    remember(tmp_path, "MODEL", {word: "", "good": ""})
    assert _lines(tmp_path) == ["good\t"]


@given(words=st.dictionaries(st.text(max_size=12), st.text(max_size=100), max_size=20))
def test_whatever_is_remembered_can_be_read_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, words: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    remember(folder, "MODEL", words)
    remember_one(folder, "MODEL", "last", "note")
    lines = (folder / "complete/model").read_bytes().decode().split("\n")
    assert lines[0] == "last\tnote"
    assert lines[-1] == ""
    assert all(line.count("\t") == 1 and line.isprintable for line in lines[:-1])


def test_a_file_that_somebody_spoiled_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "complete").mkdir()
    (tmp_path / "complete/action").write_bytes(b"\xff\xfe\x00 no tab\n" * 3)
    remember_one(tmp_path, "ACTION", "abc", "")
    assert _lines(tmp_path, "action") == ["abc\t"]


def test_no_failure_ever_reaches_the_command(tmp_path: Path) -> None:
    (tmp_path / "complete").write_text("a file where the folder should be")
    remember(tmp_path, "MODEL", {"qwen": ""})
    remember_one(tmp_path, "MODEL", "qwen", "")
    remember(Path("/dev/null/nowhere"), "MODEL", {"qwen": ""})
    assert os.listdir(tmp_path) == ["complete"]

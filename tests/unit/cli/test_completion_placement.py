"""Each shell's script goes where that shell looks for a user's own."""

from pathlib import Path

import pytest

from quintet.errors import QuintetError, UsageError
from quintet.platform.paths import HomeMissing
from quintet_cli.completion.generate import Shell
from quintet_cli.completion.placement import own_shell, placement_for

HOME = {"HOME": "/home/me"}


@pytest.mark.parametrize(
    ("shell", "env", "place"),
    [
        (Shell.BASH, {}, "/home/me/.local/share/bash-completion/completions/ai"),
        (Shell.BASH, {"XDG_DATA_HOME": "/data"}, "/data/bash-completion/completions/ai"),
        (Shell.BASH, {"BASH_COMPLETION_USER_DIR": "/own"}, "/own/completions/ai"),
        (Shell.ZSH, {}, "/home/me/.local/share/zsh/site-functions/_ai"),
        (Shell.ZSH, {"XDG_DATA_HOME": "relative"}, "/home/me/.local/share/zsh/site-functions/_ai"),
        (Shell.FISH, {}, "/home/me/.config/fish/completions/ai.fish"),
        (Shell.FISH, {"XDG_CONFIG_HOME": "/etc/me"}, "/etc/me/fish/completions/ai.fish"),
    ],
)
def test_the_place_follows_the_shell_and_the_environment(
    shell: Shell, env: dict[str, str], place: str
) -> None:
    assert placement_for(shell, HOME | env).path == Path(place)


@pytest.mark.parametrize("shell", Shell)
def test_without_a_home_the_place_is_unknown_even_where_ai_has_one(shell: Shell) -> None:
    with pytest.raises(HomeMissing, match="no home directory"):
        placement_for(shell, {"AI_HOME": "/somewhere"})


def test_a_line_for_a_startup_file_can_be_pasted() -> None:
    place = placement_for(Shell.ZSH, {"HOME": "/home/my self"})
    assert place.remark.endswith("source '/home/my self/.local/share/zsh/site-functions/_ai'")


def test_the_own_shell_is_the_one_that_the_person_logged_in_with() -> None:
    assert own_shell({"SHELL": "/usr/local/bin/fish"}) is Shell.FISH
    for env in ({}, {"SHELL": "/bin/tcsh"}):
        with pytest.raises(UsageError) as refused:
            own_shell(env)
        assert refused.value.hint == "ai completion install bash"


def test_a_place_that_cannot_be_looked_at_is_told_in_plain_words(tmp_path: Path) -> None:
    place = placement_for(Shell.FISH, {"HOME": str(tmp_path / ("x" * 300))})
    with pytest.raises(QuintetError, match="could not look at"):
        place.present()

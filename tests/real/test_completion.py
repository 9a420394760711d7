"""TAB in real shells: what is typed, what stands on the line afterwards, and what it costs."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quintet_cli.completion.cache import remember
from quintet_cli.completion.generate import Shell as Name
from quintet_cli.completion.generate import file_name, script_for
from support.shells import Shell
from support.verbs import sample_verbs

pytestmark = pytest.mark.real

# Presses TAB behind a line and tells the last word that this offers or leaves.
Tab = Callable[[str], set[str]]
COMMITTED = Path(__file__).parents[2] / "completions"
PACKAGE = Path("/usr/share/bash-completion/bash_completion")
SHELLS = ["bash", "bash with bash-completion", "zsh", "fish"]

COMPLETED = {
    "ai ed": "edge",
    "ai --ver": "--version",
    "ai undo --dry": "--dry-run",
    "ai version --js": "--json",
    "ai undo a1": "a1b2c3",
    "ai budget show vid": "video",
    "ai edge fit lla": "llama3:8b",
    "ai edge fit llama3:": "llama3:8b",
    "ai edge fit llama3:8": "llama3:8b",
    "ai edge fit qw": "qwen",
    "ai edge fit -- lla": "llama3:8b",
    "ai edge fit --name x lla": "llama3:8b",
    "ai edge fit --name=x lla": "llama3:8b",
    "ai edge fit --goal fast --json lla": "llama3:8b",
    "ai edge fit --go": "--goal",
    "ai edge fit --goal s": "small",
    "ai edge fit -g f": "fast",
    "ai edge fit --goal=f": "--goal=fast",
    "ai edge fit --with=lla": "--with=llama3:8b",
    "ai edge fit --with qwen --with lla": "llama3:8b",
    "ai edge fit qwen my": "my file.txt",
    "ai edge fit qwen 'my file.txt' grü": "grün",
    "ai edge fit qwen cafe": "cafe12",
    "ai edge fit --config=my": "--config=my file.txt",
    "ai edge fit --out su": "sub dir",
    "ai prove offline -- cat my": "my file.txt",
    "ai prove offline -- printen": "printenv",
}
LEFT_ALONE = {
    "ai zz": "zz",
    "ai edge zz": "zz",
    "ai version my": "my",
    "ai undo a1b2c3 f": "f",
    "ai edge fit --name my": "my",
    "ai edge fit --goal my": "my",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with scripts for verbs of every shape, files, and names that commands left."""
    home = tmp_path_factory.mktemp("home")
    for shell in Name:
        home.joinpath(file_name(shell)).write_text(script_for(shell, sample_verbs()))
    loaded = home / ".local/share/bash-completion/completions"
    loaded.mkdir(parents=True)
    loaded.joinpath("ai").write_text(script_for(Name.BASH, sample_verbs()))
    remember(home / ".cache/ai", "MODEL", {"llama3:8b": "4.9 GB", "qwen": "", "qwen-2": "new: x"})
    remember(home / ".cache/ai", "ACTION", {"a1b2c3": "life add", "ffff00": "code fix"})
    remember(home / ".cache/ai", "PLAN", {"cafe12": "life add"})
    (home / "my file.txt").touch()
    (home / "grün").touch()
    (home / "sub dir").mkdir()
    return home


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}


def _typing(shell: Shell) -> Tab:
    return lambda line: {shell.words_after_tab(line)[-1].rstrip("/")}


def _asking_fish(home: Path) -> Tab:
    def offered(line: str) -> set[str]:
        asked = f"source ai.fish; complete -C {_quoted(line)}"
        answer = subprocess.run(
            ["fish", "--no-config", "-c", asked],
            env=_environment(home),
            cwd=home,
            capture_output=True,
            text=True,
            check=True,
        )
        assert not answer.stderr
        words = {row.partition("\t")[0].rstrip("/") for row in answer.stdout.splitlines()}
        return words or {line.rsplit(maxsplit=1)[-1]}

    return offered


def _quoted(line: str) -> str:
    return "'" + line.replace("\\", "\\\\").replace("'", "\\'") + "'"


@pytest.fixture(scope="module", params=SHELLS)
def tab(request: pytest.FixtureRequest, home: Path) -> Iterator[Tab]:
    name, _, package = request.param.partition(" with ")
    if not shutil.which(name) or (package and not PACKAGE.exists()):
        pytest.skip(f"{request.param} is not installed")
    if name == "fish":
        yield _asking_fish(home)
        return
    plain = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[name]
    ready = {
        "bash": f"source {PACKAGE}" if package else "source ai.bash",
        "zsh": "bindkey -e; fpath=($PWD $fpath); autoload -Uz compinit; compinit -D -u",
    }[name]
    with Shell(plain, _environment(home), home) as shell:
        shell.run(ready)
        yield _typing(shell)


@pytest.mark.demand("CLI-8")
@pytest.mark.parametrize(("line", "word"), COMPLETED.items())
def test_tab_completes(tab: Tab, line: str, word: str) -> None:
    assert word in tab(line)


@pytest.mark.parametrize(("line", "word"), LEFT_ALONE.items())
def test_tab_offers_nothing_where_nothing_fits(tab: Tab, line: str, word: str) -> None:
    assert tab(line) == {word}


@pytest.mark.parametrize("habit", ["set -u", "COMP_WORDBREAKS=${COMP_WORDBREAKS//:}"])
def test_bash_completes_whatever_habits_its_user_has(home: Path, habit: str) -> None:
    with Shell(["bash", "--norc", "--noprofile", "-i"], _environment(home), home) as shell:
        shell.run(f"source ai.bash; {habit}")
        for line in (
            "ai ed",
            "ai edge fit llama3:",
            "ai edge fit --goal=f",
            "ai prove offline -- ec",
        ):
            assert shell.words_after_tab(line)[-1] in {*COMPLETED.values(), "echo"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_the_script_for_zsh_can_also_be_sourced_before_anything_else_is_set_up(home: Path) -> None:
    with Shell(["zsh", "-f", "-i"], _environment(home), home) as shell:
        shell.run("bindkey -e; source _ai")
        assert shell.words_after_tab("ai edge fit lla")[-1] == "llama3:8b"


@pytest.mark.parametrize("shell", Name)
def test_the_shell_itself_finds_no_fault_in_the_script(shell: Name, home: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    for script in (home / file_name(shell), COMMITTED / file_name(shell)):
        found = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")


def test_names_are_read_from_wherever_the_cache_is(home: Path, tmp_path: Path) -> None:
    remember(tmp_path / "ai", "ACTION", {"xdg111": ""})
    remember(tmp_path / "cache", "ACTION", {"own222": ""})
    places = {"XDG_CACHE_HOME": ("ai undo x", "xdg111"), "AI_HOME": ("ai undo o", "own222")}
    for variable, (line, word) in places.items():
        env = {**_environment(home), variable: str(tmp_path)}
        with Shell(["bash", "--norc", "--noprofile", "-i"], env, home) as shell:
            shell.run("source ai.bash")
            assert shell.words_after_tab(line)[-1] == word

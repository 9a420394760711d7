"""Where each shell looks for a user's own completion scripts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from quintet.errors import UsageError
from quintet.platform.files import explained
from quintet.platform.paths import HomeMissing
from quintet_cli.completion.generate import Shell


@dataclass(frozen=True, slots=True)
class Placement:
    """A script's place, and what a person adds to a startup file where the shell does not look."""

    shell: Shell
    path: Path
    remark: str

    def present(self) -> bytes | None:
        """The script that is there now."""
        with explained("look at", self.path):
            return self.path.read_bytes() if self.path.is_file() else None


def own_shell(env: Mapping[str, str]) -> Shell:
    """The shell that the person logged in with."""
    name = Path(env.get("SHELL", "")).name
    try:
        return Shell(name)
    except ValueError as error:
        raise UsageError(
            f"no completion for the shell '{name}'" if name else "which shell?",
            why=f"ai completes for {', '.join(Shell)}",
            hint="ai completion install bash",
        ) from error


def placement_for(shell: Shell, env: Mapping[str, str]) -> Placement:
    """Where this user's script for the shell belongs."""
    match shell:
        case Shell.BASH:
            folder = _base(env, "XDG_DATA_HOME", ".local/share") / "bash-completion"
            folder = Path(env.get("BASH_COMPLETION_USER_DIR") or folder).absolute()
            path = folder / "completions" / "ai"
            remark = f"without the package bash-completion, add to ~/.bashrc: {_source(path)}"
        case Shell.ZSH:
            path = _base(env, "XDG_DATA_HOME", ".local/share") / "zsh" / "site-functions" / "_ai"
            remark = f"if that folder is not in fpath, add to ~/.zshrc: {_source(path)}"
        case Shell.FISH:
            path = _base(env, "XDG_CONFIG_HOME", ".config") / "fish" / "completions" / "ai.fish"
            remark = ""
    return Placement(shell, path, remark)


def _base(env: Mapping[str, str], variable: str, below_home: str) -> Path:
    given, home = env.get(variable, ""), env.get("HOME", "")
    if given.startswith("/"):
        return Path(given)
    if not home.startswith("/"):
        raise HomeMissing(
            "no home directory",
            why="HOME does not name an absolute path, so the shell's own files cannot be found",
            hint="HOME=/path/to/home ai completion install",
        )
    return Path(home) / below_home


def _source(path: Path) -> str:
    return f"source {quote(str(path))}"

"""Where things live on this machine: the XDG base directories, or one folder named by AI_HOME."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quintet.errors import QuintetError


class HomeMissing(QuintetError):
    """No environment variable says where the user's files may go."""

    code = "paths.home_missing"


@dataclass(frozen=True, slots=True)
class Paths:
    """The five places that the program may write to. Nothing is created until it is needed."""

    config_dir: Path
    data_dir: Path
    state_dir: Path
    cache_dir: Path
    runtime_dir: Path

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Paths":
        if env.get("AI_HOME"):
            return cls.under(Path(env["AI_HOME"]).expanduser().absolute())
        home = env.get("HOME", "")

        def base(variable: str, below_home: str) -> Path:
            # The XDG specification says that a relative value must be ignored.
            given = env.get(variable, "")
            if given.startswith("/"):
                return Path(given) / "ai"
            if not home.startswith("/"):
                raise HomeMissing(
                    "no home directory",
                    why="neither HOME nor AI_HOME names an absolute path",
                    hint="AI_HOME=/path/to/folder ai …",
                )
            return Path(home) / below_home / "ai"

        cache_dir = base("XDG_CACHE_HOME", ".cache")
        runtime = env.get("XDG_RUNTIME_DIR", "")
        return cls(
            config_dir=base("XDG_CONFIG_HOME", ".config"),
            data_dir=base("XDG_DATA_HOME", ".local/share"),
            state_dir=base("XDG_STATE_HOME", ".local/state"),
            cache_dir=cache_dir,
            runtime_dir=Path(runtime) / "ai" if runtime.startswith("/") else cache_dir / "run",
        )

    @classmethod
    def under(cls, root: Path) -> "Paths":
        """Everything below one folder: for tests, demonstrations and portable installs."""
        return cls(
            config_dir=root / "config",
            data_dir=root / "data",
            state_dir=root / "state",
            cache_dir=root / "cache",
            runtime_dir=root / "run",
        )

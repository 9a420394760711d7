"""Finding the layers of this user, this folder, this environment and this command line."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.errors import QuintetError
from quintet.platform.config.config import Config, Notice
from quintet.platform.config.layer import (
    BadFlag,
    Layer,
    Source,
    at_home,
    environment_layer,
    file_layer,
    flag_layer,
)
from quintet.platform.config.schema import Schema
from quintet.platform.config.toml_file import read_toml
from quintet.platform.paths import Paths

if TYPE_CHECKING:
    from quintet.platform.config.trust import Trust

PROJECT_FILE = Path(".ai") / "config.toml"
_PAIR = re.compile(r"[\w-]+\.[^=/]+=")


def user_file(paths: Paths) -> Path:
    return paths.config_dir / "config.toml"


def trust_of(paths: Paths) -> "Trust":
    from quintet.platform.config.trust import Trust

    return Trust(paths.data_dir / "trusted-projects.json")


def project_file(cwd: Path) -> Path | None:
    """The nearest `.ai/config.toml` at or above a folder."""
    for folder in (cwd, *cwd.parents):
        candidate = folder / PROJECT_FILE
        try:
            if candidate.exists():
                return candidate
        except OSError:
            continue
    return None


def load_config(
    schema: Schema,
    paths: Paths,
    *,
    env: Mapping[str, str],
    cwd: Path,
    given: Sequence[str] = (),
) -> Config:
    """Read what there is.

    `given` stood after `--config`: KEY=VALUE, or a file to read instead of the user's own.
    """
    flags = [item for item in given if _PAIR.match(item)]
    files = [cwd / at_home(Path(item)) for item in given if not _PAIR.match(item)]
    notices: list[Notice] = []
    unreadable: list[QuintetError] = []
    layers = [flag_layer(flags, cwd), environment_layer(env, cwd)]
    try:
        layers.extend(_project_layer(paths, cwd, notices))
    except QuintetError as error:
        unreadable.append(error)
    try:
        layers.extend(_user_layers(files, user_file(paths)))
    except QuintetError as error:
        unreadable.append(error)
    file = files[-1] if files else user_file(paths)
    return Config(schema, layers, file=file, notices=notices, unreadable=unreadable)


def _user_layers(named: Sequence[Path], usual: Path) -> list[Layer]:
    """The last file named is the strongest; the usual one may be missing, a named one may not."""
    found = [(path, read_toml(path)) for path in reversed(named or [usual])]
    for path, file in found:
        if file is None and named:
            raise BadFlag(f"there is no settings file {path}", hint="ai config path")
    return [file_layer(Source.USER, file) for _, file in found if file]


def _project_layer(paths: Paths, cwd: Path, notices: list[Notice]) -> list[Layer]:
    path = project_file(cwd)
    if path is None:
        return []
    trust = trust_of(paths)
    try:
        file = read_toml(path)
    except QuintetError as error:
        # Standing in a stranger's folder must not stop every command.
        if trust.knows(path):
            raise
        notices.append(Notice(f"{error}: ignored", where=str(path)))
        return []
    # What nobody has approved is not even parsed.
    if file is None or not trust.covers(file):
        what = "this project's settings are not trusted: ignored"
        notices.append(Notice(what, hint="ai config trust", where=str(path)))
        return []
    return [file_layer(Source.PROJECT, file)]

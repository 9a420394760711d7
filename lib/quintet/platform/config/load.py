"""Finding the layers of this user, this folder, this environment and this command line."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.config.config import Config, Notice
from quintet.platform.config.layer import (
    BadFlag,
    Layer,
    Source,
    environment_layer,
    file_layer,
    flag_layer,
)
from quintet.platform.config.schema import Schema
from quintet.platform.config.toml_file import TomlFile, read_toml
from quintet.platform.config.trust import Trust
from quintet.platform.paths import Paths

PROJECT_FILE = Path(".ai") / "config.toml"


def user_file(paths: Paths) -> Path:
    return paths.config_dir / "config.toml"


def trust_of(paths: Paths) -> Trust:
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
    flags: Iterable[str] = (),
) -> Config:
    """Read what there is. `flags` are KEY=VALUE pairs or settings files, as given to `--config`."""
    notices: list[Notice] = []
    unreadable: list[QuintetError] = []
    layers = [*_flag_layers(flags, cwd), environment_layer(env, cwd)]
    for find in (_project_layer, _user_layer):
        try:
            layers.extend(find(paths, cwd, notices))
        except QuintetError as error:
            unreadable.append(error)
    return Config(schema, layers, notices=notices, unreadable=unreadable)


def _flag_layers(flags: Iterable[str], cwd: Path) -> list[Layer]:
    pairs: list[str] = []
    files: list[Layer] = []
    for flag in flags:
        if "=" in flag:
            pairs.append(flag)
        else:
            files.append(file_layer(Source.FLAG, _named(cwd / Path(flag).expanduser())))
    return [flag_layer(pairs, cwd), *reversed(files)]


def _named(path: Path) -> TomlFile:
    file = read_toml(path)
    if file is None:
        raise BadFlag(
            f"there is no settings file {path}", hint="ai … --config FILE, or --config KEY=VALUE"
        )
    return file


def _user_layer(paths: Paths, cwd: Path, notices: list[Notice]) -> list[Layer]:
    file = read_toml(user_file(paths))
    return [file_layer(Source.USER, file)] if file else []


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

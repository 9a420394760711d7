"""Settings in words."""

from typing import Any

from quintet.platform.config.config import Setting
from quintet.platform.config.layer import Source
from quintet.platform.config.option import Option
from quintet.platform.config.sample import toml_value
from quintet_cli.session import Session

SETTING = {
    "key": str,
    "value": Any,
    "default": Any,
    "source": Source,
    "where": str,
    "help": str,
}


def shown(option: Option, value: Any) -> Any:
    """A value as it would stand in a file; an entry that nobody sets has none."""
    shape = option.shape
    if shape.entry is not None and not isinstance(value, dict):
        return None if value is None else shape.entry.write(value)
    return shape.write(value)


def text_of(plain: Any) -> str:
    """For one line of a terminal or a script: bare words, everything else as in TOML."""
    if isinstance(plain, str):
        return plain
    return "" if plain is None else toml_value(plain)


def described(session: Session, setting: Setting) -> dict[str, Any]:
    """A setting for `--json`."""
    option = session.app.config.schema.target(setting.key).option
    return {
        "key": setting.key,
        "value": shown(option, setting.value),
        "default": shown(option, setting.default),
        "source": setting.source,
        "where": setting.where,
        "help": setting.help,
    }

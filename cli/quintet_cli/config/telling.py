"""Settings in words, and what was ignored among them."""

from collections.abc import Iterable
from typing import Any

from quintet.platform.config.config import Notice, Setting
from quintet.platform.config.option import Option
from quintet.platform.config.sample import toml_value
from quintet_cli.session import Session


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


def tell(session: Session, notices: Iterable[Notice]) -> None:
    """What was ignored, on stderr."""
    for notice in notices:
        where = f" ({notice.where})" if notice.where else ""
        hint = f"; {notice.hint}" if notice.hint else ""
        lead = session.console.style("note:", "yellow", stream=session.console.err)
        session.console.note(f"{lead} {notice.what}{hint}{where}")

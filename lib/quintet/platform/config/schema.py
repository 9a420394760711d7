"""Which sections exist. Names stand in a table, their classes are imported only when asked for."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from quintet.errors import UsageError
from quintet.platform.config.option import Option, options_of


class UnknownKey(UsageError):
    """No setting has this name."""

    code = "config.unknown_key"


class Target(NamedTuple):
    """What a key names: an option, and in an option that is a table, the entry."""

    option: Option
    entry: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        parts = (self.option.section, self.option.name)
        return (*parts, self.entry) if self.entry else parts


class Schema:
    """The sections by name, each with its settings class or the import path of it."""

    def __init__(self, sections: Mapping[str, str | type[Any]]) -> None:
        self._sections = dict(sections)
        self._options: dict[str, dict[str, Option]] = {}

    def sections(self) -> list[str]:
        return sorted(self._sections)

    def section(self, name: str) -> dict[str, Option]:
        """The options of one section; imports the module that owns it."""
        if name not in self._options:
            if name not in self._sections:
                raise _unknown(name, self.sections())
            self._options[name] = options_of(name, self._class(name))
        return self._options[name]

    def options(self) -> Iterator[Option]:
        for name in self.sections():
            yield from self.section(name).values()

    def target(self, key: str) -> Target:
        """What `section.name` or `section.table.entry` stands for."""
        section, _, rest = key.partition(".")
        name, _, entry = rest.partition(".")
        options = self.section(section)
        if not name:
            raise UnknownKey(f"{key!r} is a section", hint=f"ai config list {section}")
        if name not in options:
            raise _unknown(key, [option.key for option in options.values()])
        option = options[name]
        if entry and option.shape.entry is None:
            raise _unknown(key, [option.key])
        return Target(option, entry)

    def _class(self, name: str) -> type[Any]:
        found = self._sections[name]
        if isinstance(found, str):
            module, _, attribute = found.partition(":")
            return getattr(importlib.import_module(module), attribute)
        return found


def nearest(word: str, words: list[str]) -> str:
    """The word that was probably meant, or nothing."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, words, n=1, cutoff=0.6)), "")


def _unknown(key: str, known: list[str]) -> UnknownKey:
    meant = nearest(key, known)
    hint = f"did you mean {meant}?" if meant else "ai config list"
    return UnknownKey(f"there is no setting {key!r}", hint=hint, details={"suggestion": meant})

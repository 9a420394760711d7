"""Changing one value in a settings file that a person wrote, and nothing else in it."""

import re
from collections.abc import Callable, MutableMapping
from math import isfinite
from pathlib import Path
from typing import Any, cast

from quintet.errors import QuintetError, UsageError
from quintet.platform.config.exclusive import exclusive
from quintet.platform.config.schema import Target
from quintet.platform.config.shape import Mismatch, Shape, Text
from quintet.platform.config.toml_file import BOM, TomlFile, read_toml
from quintet.platform.files import ensure_private_dir, write_atomic
from quintet.platform.record.effects.port import WorldChanged

Write = Callable[[Path, bytes], None]
Key = tuple[str, ...]
Change = Callable[[MutableMapping[str, Any]], None]
_NAME = re.compile(r"[A-Za-z0-9_-]+")


class EditRefused(QuintetError):
    """A file is written in a way that cannot be changed without touching something else."""

    code = "config.edit_refused"


class BadSetting(UsageError):
    """The value that somebody wants to set is not what the setting asks for."""

    code = "config.bad_setting"


def plain_value(target: Target, text: str) -> Any:
    """What is to stand in the file for a value as it was typed."""
    option, entry = target
    shape = option.shape.entry if entry else option.shape
    if shape is None or shape.entry is not None:
        raise BadSetting(f"{option.key} is a table", hint=f"ai config set {option.key}.NAME VALUE")
    if entry and not _NAME.fullmatch(entry):
        raise BadSetting(f"{entry!r} is no name", why="letters, digits, - and _ make a name")
    try:
        return _as_typed(shape, text)
    except Mismatch as error:
        key = ".".join(target.path)
        raise BadSetting(
            f"{key} must be {shape.expects}, not {text!r}", hint=f"ai config schema {option.key}"
        ) from error


def value_in(path: Path, key: Key) -> Any:
    """What a file sets for a key, as a value of JSON; None where it sets nothing."""
    return _value_of(read_toml(path) or TomlFile(path, b""), key)


def put_value(path: Path, key: Key, value: Any, *, was: Any) -> None:
    """Set a value, or with None take it away, provided that the file says what it `was` to say."""

    def change(file: TomlFile) -> bytes:
        present = _value_of(file, key)
        if present == value:
            return file.raw
        if present != was:
            raise WorldChanged(f"{'.'.join(key)} was changed meanwhile in {path}")
        return _without(file, key) if value is None else _with(file, key, value)

    _change(path, write_atomic, change)


def replace_text(path: Path, seen: bytes, new: bytes, write: Write = write_atomic) -> None:
    """Put what came out of somebody's editor in place, unless the file has changed meanwhile."""

    def replaced(file: TomlFile) -> bytes:
        if file.raw != seen:
            raise EditRefused(f"{path} was changed while you edited it", hint="ai config edit")
        TomlFile(path, new).data()
        return new

    _change(path, write, replaced)


def _change(path: Path, write: Write, change: Callable[[TomlFile], bytes]) -> None:
    # Settings kept elsewhere and linked here stay a link.
    place = path.resolve()
    ensure_private_dir(place.parent)
    with exclusive(place):
        file = read_toml(place) or TomlFile(place, b"")
        changed = change(file)
        if changed != file.raw:
            write(place, changed)


def _as_typed(shape: Shape, text: str) -> Any:
    """What stands in the file: the words that were typed where those will do, as in "8h"."""
    value = shape.read(Text(text))
    try:
        return text if shape.read(text) == value else shape.write(value)
    except Mismatch:
        return shape.write(value)


def _value_of(file: TomlFile, key: Key) -> Any:
    found: Any = file.data(float)
    for name in key:
        found = cast(dict[str, Any], found).get(name) if isinstance(found, dict) else None
    return jsonable(found)


def jsonable(value: Any) -> Any:
    """A TOML value in the words of JSON, which knows no dates and no infinities."""
    if isinstance(value, dict):
        return {name: jsonable(item) for name, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [jsonable(item) for item in cast(list[Any], value)]
    is_json = value is None or isinstance(value, bool | int | str)
    return value if is_json or (isinstance(value, float) and isfinite(value)) else str(value)


def _with(file: TomlFile, key: Key, value: Any) -> bytes:
    def put(table: Any, value: Any) -> None:
        for name in key[:-1]:
            table = table.setdefault(name, {})
        table[key[-1]] = value

    wanted = _Float(repr(value)) if isinstance(value, float) else value
    return _edited(file, lambda table: put(table, wanted), lambda table: put(table, value))


def _without(file: TomlFile, key: Key) -> bytes:
    def take(table: Any) -> None:
        for name in key[:-1]:
            table = table[name]
        del table[key[-1]]

    return _edited(file, take, take)


class _Float(str):
    """A float as it is spelled: spellings can be compared, and `nan` equals itself."""

    __slots__ = ()


def _edited(file: TomlFile, wanted: Change, change: Change) -> bytes:
    """The file after a change, checked by another parser to mean exactly what was wanted."""
    import tomlkit

    expected = file.data(_Float)
    try:
        wanted(expected)
        document = tomlkit.parse(file.text())
        change(document)
        text = tomlkit.dumps(document)
        text = text.replace("\r\n", "\n").replace("\n", "\r\n") if _is_dos(file) else text
        edited = TomlFile(file.path, (BOM if file.raw.startswith(BOM) else b"") + text.encode())
        if _filled(edited.data(_Float)) == _filled(expected):
            return edited.raw
    except (QuintetError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    raise EditRefused(
        f"cannot change {file.path} without touching more than the value",
        why="it is written in an unusual way",
        hint="ai config edit",
    )


def _filled(value: Any) -> Any:
    """Without empty tables: whether the last key leaves one behind depends on its spelling."""
    if not isinstance(value, dict):
        return value
    filled = {name: _filled(item) for name, item in cast(dict[str, Any], value).items()}
    return {name: item for name, item in filled.items() if item != {}}


def _is_dos(file: TomlFile) -> bool:
    return b"\n" in file.raw and file.raw.count(b"\n") == file.raw.count(b"\r\n")

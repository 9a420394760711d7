"""Changing one value in a settings file that a person wrote, and nothing else in it."""

from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, cast

from quintet.errors import QuintetError, UsageError
from quintet.platform.config.exclusive import exclusive
from quintet.platform.config.schema import Target
from quintet.platform.config.shape import Mismatch, Shape, Text
from quintet.platform.config.toml_file import BOM, TomlFile, read_toml
from quintet.platform.files import ensure_private_dir, write_atomic

Write = Callable[[Path, bytes], None]
Change = Callable[[MutableMapping[str, Any]], None]


class EditRefused(QuintetError):
    """A file is written in a way that cannot be changed without touching something else."""

    code = "config.edit_refused"


class BadSetting(UsageError):
    """The value that somebody wants to set is not what the setting asks for."""

    code = "config.bad_setting"


class Unset(QuintetError):
    """A value is to be removed that is not there."""

    code = "config.unset"


def set_value(path: Path, target: Target, text: str, write: Write = write_atomic) -> None:
    """Put a value, as typed, into a settings file; the file is created if there is none."""
    value = _plain(target, text)
    _change(path, write, lambda file: _with_value(file, target.path, value))


def unset_value(path: Path, target: Target, write: Write = write_atomic) -> None:
    """Take a value out of a settings file, so that a weaker source decides."""
    _change(path, write, lambda file: _without_value(file, target.path))


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


def _plain(target: Target, text: str) -> Any:
    option, entry = target
    if option.shape.entry is not None and not entry:
        raise BadSetting(f"{option.key} is a table", hint=f"ai config set {option.key}.NAME VALUE")
    shape = option.shape.entry if option.shape.entry is not None else option.shape
    try:
        return _as_typed(shape, text)
    except Mismatch as error:
        key = ".".join(target.path)
        raise BadSetting(
            f"{key} must be {shape.expects}, not {text!r}", hint=option.help
        ) from error


def _as_typed(shape: Shape, text: str) -> Any:
    """What stands in the file: the words that were typed where those will do, as in "8h"."""
    value = shape.read(Text(text))
    try:
        return text if shape.read(text) == value else shape.write(value)
    except Mismatch:
        return shape.write(value)


def _with_value(file: TomlFile, path: tuple[str, ...], value: Any) -> bytes:
    def put(table: Any, value: Any) -> None:
        for name in path[:-1]:
            table = table.setdefault(name, {})
        table[path[-1]] = value

    wanted = _Float(repr(value)) if isinstance(value, float) else value
    return _edited(file, lambda table: put(table, wanted), lambda table: put(table, value))


def _without_value(file: TomlFile, path: tuple[str, ...]) -> bytes:
    table: Any = file.data()
    for name in path:
        if not isinstance(table, Mapping) or name not in table:
            raise Unset(
                f"{'.'.join(path)} is not set in {file.path}", hint="ai config list --sources"
            )
        table = cast(Mapping[str, Any], table)[name]

    def take(table: Any) -> None:
        for name in path[:-1]:
            table = table[name]
        del table[path[-1]]

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
        if edited.data(_Float) == expected:
            return edited.raw
    except (QuintetError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    raise EditRefused(
        f"cannot change {file.path} without touching more than the value",
        why="it is written in an unusual way",
        hint="ai config edit",
    )


def _is_dos(file: TomlFile) -> bool:
    return b"\n" in file.raw and file.raw.count(b"\n") == file.raw.count(b"\r\n")

"""Settings as the program reads them: layered by source, typed, and each able to say who set it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from quintet.errors import QuintetError
from quintet.platform.config.layer import NOT_A_TABLE, Layer, Source
from quintet.platform.config.option import Option, options_of
from quintet.platform.config.schema import Schema, Target, nearest
from quintet.platform.config.shape import Mismatch, Shape

T = TypeVar("T")
_SHOWN_LENGTH = 60


class BadValue(QuintetError):
    """A value is there, but it is not what its setting asks for."""

    code = "config.bad_value"


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and its origin. `where` is a file and line, a variable or a flag."""

    key: str
    value: Any
    default: Any
    source: Source = Source.DEFAULT
    where: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in the settings that has no effect, which the user will want to hear of."""

    what: str
    hint: str = ""
    where: str = ""


class Config:
    """The layers, strongest first. A file that could not be read fails whoever asks for a value."""

    def __init__(
        self,
        schema: Schema,
        layers: Sequence[Layer],
        *,
        notices: Sequence[Notice] = (),
        unreadable: Sequence[QuintetError] = (),
    ) -> None:
        self.schema = schema
        self._layers = tuple(layers)
        self._notices = tuple(notices)
        self._unreadable = tuple(unreadable)
        self._used: dict[str, Mapping[str, Option]] = {}

    def section(self, name: str, cls: type[T]) -> T:
        """The settings of one owner, as an instance of its own class."""
        self._require_readable()
        options = self._used.setdefault(name, options_of(name, cls))
        return cls(**{option.name: self._setting(option).value for option in options.values()})

    def explain(self, key: str) -> Setting:
        """One setting, with the source that won."""
        self._require_readable()
        target = self.schema.target(key)
        return self._entry(target) if target.entry else self._setting(target.option)

    def settings(self) -> list[Setting]:
        """Every setting there is; a table gives one for each of its entries."""
        self._require_readable()
        return [setting for option in self.schema.options() for setting in self._listed(option)]

    def notices(self) -> list[Notice]:
        """What was ignored, as far as it concerns the sections that have been read."""
        found = list(self._notices)
        for layer in self._layers:
            found.extend(self._unknown_sections(layer))
            for name, options in self._used.items():
                found.extend(_ignored(layer, name, options))
        return found

    def problems(self) -> list[QuintetError]:
        """Every reason why some value cannot be used, in all sections."""
        found = list(self._unreadable)
        for name in self.schema.sections():
            self._used.setdefault(name, self.schema.section(name))
            for option in self._used[name].values():
                try:
                    self._setting(option)
                except QuintetError as error:
                    found.append(error)
        return found

    def _require_readable(self) -> None:
        # Going on with defaults would quietly drop a limit or a rule that the file sets.
        if self._unreadable:
            raise self._unreadable[0]

    def _setting(self, option: Option) -> Setting:
        if option.shape.entry is not None:
            return self._merged(option)
        for layer in self._setting_layers(option):
            value = _read(layer, Target(option), layer.values[option.section][option.name])
            return self._found(option, layer, value)
        return Setting(option.key, option.default, option.default, help=option.help)

    def _merged(self, option: Option) -> Setting:
        """A table holds the entries of all layers; the strongest that names one decides it."""
        merged: dict[str, Any] = dict(option.default)
        setting = Setting(option.key, merged, option.default, help=option.help)
        for layer in reversed(list(self._setting_layers(option))):
            raw = layer.values[option.section][option.name]
            merged |= _read(layer, Target(option), raw)
            setting = self._found(option, layer, merged)
        return setting

    def _entry(self, target: Target) -> Setting:
        option, entry = target
        whole = self._merged(option)
        default = option.default.get(entry)
        setting = replace(whole, key=f"{option.key}.{entry}", value=default, default=default)
        setting = replace(setting, source=Source.DEFAULT, where="")
        for layer in self._setting_layers(option):
            if entry in layer.values[option.section][option.name]:
                where = layer.where(target.path)
                return replace(setting, value=whole.value[entry], source=layer.source, where=where)
        return setting

    def _listed(self, option: Option) -> Iterator[Setting]:
        setting = self._setting(option)
        if option.shape.entry is None or not setting.value:
            yield setting
            return
        for entry in setting.value:
            yield self._entry(Target(option, entry))

    def _setting_layers(self, option: Option) -> Iterator[Layer]:
        for layer in self._layers:
            names = layer.values.get(option.section, {})
            if NOT_A_TABLE in names:
                _refuse(layer, Target(option), f"a table [{option.section}]", names[NOT_A_TABLE])
            if option.name in names and _may_set(layer, option):
                yield layer

    def _found(self, option: Option, layer: Layer, value: Any) -> Setting:
        where = layer.where((option.section, option.name))
        return Setting(option.key, value, option.default, layer.source, where, option.help)

    def _unknown_sections(self, layer: Layer) -> Iterator[Notice]:
        known = self.schema.sections()
        for name in layer.values:
            if name not in known and name not in self._used:
                yield _unknown(f"[{name}]", nearest(name, known), layer.where((name,)))


def _may_set(layer: Layer, option: Option) -> bool:
    return option.project_safe or layer.source is not Source.PROJECT


def _ignored(layer: Layer, section: str, options: Mapping[str, Option]) -> Iterator[Notice]:
    for name in layer.values.get(section, {}):
        where = layer.where((section, name))
        option = options.get(name)
        if option is None and name != NOT_A_TABLE:
            yield _unknown(f"{section}.{name}", nearest(name, list(options)), where)
        elif option is not None and not _may_set(layer, option):
            hint = f"ai config set {option.key} …"
            yield Notice(f"a project may not set {option.key}: ignored", hint, where)


def _unknown(name: str, meant: str, where: str) -> Notice:
    hint = f"did you mean {meant}?" if meant else "ai config list"
    return Notice(f"there is no setting {name}: ignored", hint, where)


def _read(layer: Layer, target: Target, raw: Any) -> Any:
    shape = target.option.shape
    if shape.entry is not None and isinstance(raw, Mapping):
        return _read_entries(layer, target.option, cast(Mapping[str, Any], raw), shape.entry)
    try:
        value = shape.read(raw)
        return _anchored(layer, value) if shape.is_path else value
    except Mismatch:
        _refuse(layer, target, shape.expects, raw)


def _read_entries(
    layer: Layer, option: Option, raw: Mapping[str, Any], shape: Shape
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for entry, item in raw.items():
        try:
            values[entry] = shape.read(item)
        except Mismatch:
            _refuse(layer, Target(option, entry), shape.expects, item)
    return values


def _anchored(layer: Layer, path: Path | None) -> Path | None:
    if path is None:
        return None
    try:
        return layer.base / path.expanduser()
    except RuntimeError as error:
        raise Mismatch from error


def _refuse(layer: Layer, target: Target, expects: str, raw: Any) -> NoReturn:
    key, where = ".".join(target.path), layer.where(target.path)
    shown = repr(str(raw) if isinstance(raw, str) else raw)
    if len(shown) > _SHOWN_LENGTH:
        shown = shown[: _SHOWN_LENGTH - 1] + "…"
    hints = {
        Source.ENVIRONMENT: f"unset {where}",
        Source.FLAG: f"ai config schema {key}",
        Source.PROJECT: f"edit {where}",
    }
    raise BadValue(
        f"{key} must be {expects}",
        why=f"{where} sets it to {shown}",
        hint=hints.get(layer.source, "ai config edit"),
        details={"key": key, "source": str(layer.source), "where": where, "expects": expects},
    )

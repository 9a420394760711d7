"""Settings as the program reads them: layered by source, typed, and each able to say who set it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from quintet.errors import QuintetError
from quintet.platform.config.layer import NOT_A_TABLE, Layer, Source, at_home
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
    """The layers, strongest first. A file that could not be read fails whoever asks for a value.

    `file` is the user's own file, or the one that was named to stand in for it; it may be missing.
    """

    def __init__(
        self,
        schema: Schema,
        layers: Sequence[Layer],
        *,
        file: Path,
        notices: Sequence[Notice] = (),
        unreadable: Sequence[QuintetError] = (),
    ) -> None:
        self.schema = schema
        self.file = file
        self._layers = tuple(layers)
        self._notices = tuple(notices)
        self._unreadable = tuple(unreadable)
        self._used: dict[str, Mapping[str, Option]] = {}

    def section(self, name: str, cls: type[T]) -> T:
        """The settings of one owner, as an instance of its own class."""
        self._require_readable()
        options = self._used.setdefault(name, options_of(name, cls))
        return cls(**{option.name: self._value(option)[0] for option in options.values()})

    def explain(self, key: str) -> Setting:
        """One setting, with the source that won."""
        self._require_readable()
        target = self.schema.target(key)
        self._use(target.option.section)
        return self._setting(target)

    def settings(self) -> list[Setting]:
        """Every setting there is; a table gives one for each of its entries."""
        self._require_readable()
        options = [option for name in self.schema.sections() for option in self._use(name)]
        return [setting for option in options for setting in self._listed(option)]

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
        for option in (option for name in self.schema.sections() for option in self._use(name)):
            try:
                self._value(option)
            except QuintetError as error:
                found.append(error)
        return found

    def _use(self, section: str) -> Iterable[Option]:
        return self._used.setdefault(section, self.schema.section(section)).values()

    def _require_readable(self) -> None:
        # Going on with defaults would quietly drop a limit or a rule that the file sets.
        if self._unreadable:
            raise self._unreadable[0]

    def _value(self, option: Option) -> tuple[Any, Layer | None]:
        """The value, and the strongest layer that says anything about it."""
        if option.shape.entry is not None:
            return self._merged(option)
        for layer in self._layers_of(option):
            return _read(layer, Target(option), _raw(layer, option)), layer
        return option.default, None

    def _merged(self, option: Option) -> tuple[dict[str, Any], Layer | None]:
        """A table holds the entries of all layers; the strongest that names one decides it."""
        layers = list(self._layers_of(option))
        merged: dict[str, Any] = dict(option.default)
        for layer in reversed(layers):
            merged |= _read(layer, Target(option), _raw(layer, option))
        return merged, layers[0] if layers else None

    def _setting(self, target: Target) -> Setting:
        option, entry = target
        value, layer = self._value(option)
        default = option.default
        if entry:
            layers = (each for each in self._layers_of(option) if entry in _raw(each, option))
            layer, value, default = next(layers, None), value.get(entry), default.get(entry)
        return Setting(
            key=".".join(target.path),
            value=value,
            default=default,
            source=layer.source if layer else Source.DEFAULT,
            where=layer.where(target.path) if layer else "",
            help=option.help,
        )

    def _listed(self, option: Option) -> Iterator[Setting]:
        entries = self._merged(option)[0] if option.shape.entry is not None else ()
        for entry in entries or ("",):
            yield self._setting(Target(option, entry))

    def _layers_of(self, option: Option) -> Iterator[Layer]:
        for layer in self._layers:
            names = layer.values.get(option.section, {})
            if NOT_A_TABLE in names:
                _refuse(layer, Target(option), f"a table [{option.section}]", names[NOT_A_TABLE])
            if option.name in names and _may_set(layer, option):
                yield layer

    def _unknown_sections(self, layer: Layer) -> Iterator[Notice]:
        known = self.schema.sections()
        for name in layer.values:
            if name not in known and name not in self._used:
                yield _unknown(f"[{name}]", nearest(name, known), layer.where((name,)))


def _raw(layer: Layer, option: Option) -> Any:
    return layer.values[option.section][option.name]


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
    return None if path is None else layer.base / at_home(path)


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

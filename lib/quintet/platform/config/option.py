"""A setting as its engine declares it: one field of a small frozen dataclass."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, cast, get_type_hints

from quintet.platform.config.shape import Shape, shape_of


@dataclass(frozen=True, slots=True)
class Option:
    """`project_safe` says that a trusted project's own file may set it; the default is that not."""

    section: str
    name: str
    shape: Shape
    default: Any
    help: str
    project_safe: bool = False

    @property
    def key(self) -> str:
        return f"{self.section}.{self.name}"


def options_of(section: str, cls: type[Any]) -> dict[str, Option]:
    """The options of a settings class by their names, in the order in which they are written."""
    if not is_dataclass(cls):
        raise TypeError(f"the settings class of [{section}] is no dataclass: {cls!r}")
    hints = _annotations(cls)
    return {field.name: _option(section, field, hints[field.name]) for field in fields(cls)}


def _annotations(cls: type[Any]) -> Mapping[str, Any]:
    own = {field.name: field.type for field in fields(cls)}
    if any(isinstance(annotation, str) for annotation in own.values()):
        return get_type_hints(cls, vars(sys.modules[cls.__module__]))
    return own


def _option(section: str, field: Field[Any], annotation: Any) -> Option:
    shape = shape_of(annotation, f"{section}.{field.name}", field.metadata)
    project_safe = bool(field.metadata.get("project_safe", False))
    if project_safe and shape.is_path:
        raise TypeError(f"{section}.{field.name}: a project may never set a path")
    return Option(
        section=section,
        name=field.name,
        shape=shape,
        default=_default(section, field),
        help=str(field.metadata.get("help", "")),
        project_safe=project_safe,
    )


def _default(section: str, field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is MISSING:
        raise TypeError(f"{section}.{field.name} has no default")
    return cast(Callable[[], Any], field.default_factory)()

"""`invoices/{date:%Y}/{vendor}.pdf`: texts with an event's fields in them, rendered strictly.

What a template may name is checked when the workflow is read. A field that becomes part of a path
must be a plain name: an event from outside must not choose the folder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from quintet.engines.ops.values import Value, ValueKind

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_.]*)(?::([^{}]{1,40}))?\}|[{}]")
_DATE_FORMAT = re.compile(r"(?:%[YmdGVjyBb]|[-_./ ])+")
_NAME_LIMIT_BYTES = 200


class TemplateInvalid(ValueError):
    """A template that cannot be rendered from any event; the message says why."""


class FieldUnfit(ValueError):
    """This event's value cannot stand in this place."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places for fields, known to be sound; `is_path` when it is one path field."""

    text: str
    is_path: bool = False

    def render(self, fields: Mapping[str, Value]) -> str:
        return self._filled(fields, within_path=False)

    def render_path(self, fields: Mapping[str, Value]) -> str:
        """As `render`; a field may fill a part of a name, and only a declared path may be more."""
        return self._filled(fields, within_path=not self.is_path)

    def _filled(self, fields: Mapping[str, Value], *, within_path: bool) -> str:
        def fill(match: re.Match[str]) -> str:
            if match[1] is None:
                return match[0][0]
            value = fields.get(match[1])
            if value is None:
                raise FieldUnfit(f"the event does not say its {match[1]}")
            text = _shown(value, match[2])
            if within_path and not match[2]:
                require_plain_name(match[1], text)
            return text

        return _PLACEHOLDER.sub(fill, self.text)


def parse_template(text: str, kinds: Mapping[str, ValueKind]) -> Template:
    """The template that a text stands for; raises `TemplateInvalid`."""
    for match in _PLACEHOLDER.finditer(text):
        if match[0] in ("{", "}"):
            raise TemplateInvalid(f"a lone {match[0]!r}; write it twice to mean itself")
        if match[1] is None:
            continue
        if match[1] not in kinds:
            raise TemplateInvalid(f"the event has no field {match[1]!r}")
        if match[2] and kinds[match[1]] is not ValueKind.DATE:
            raise TemplateInvalid(f"{match[1]!r} is no date and takes no format")
        if match[2] and not _DATE_FORMAT.fullmatch(match[2]):
            raise TemplateInvalid(f"{match[2]!r} is no date format such as %Y-%m")
    is_path = any(text == f"{{{n}}}" and kind is ValueKind.PATH for n, kind in kinds.items())
    return Template(text, is_path)


def require_plain_name(field: str, text: str) -> None:
    """Raise `FieldUnfit` unless the text could be a file's name, and is no hidden one."""
    if (
        not text
        or "/" in text
        or text.startswith((".", "-", "~"))
        or not text.isprintable()
        or len(text.encode()) > _NAME_LIMIT_BYTES
    ):
        raise FieldUnfit(f"the event's {field} {text[:60]!r} cannot be part of a file's name")


def _shown(value: Value, date_format: str | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.strftime(date_format) if date_format else value.isoformat()
    return f"{value:f}" if not isinstance(value, str) else value

"""What happened outside: an event's type, its id, and what it says, checked against a workflow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from quintet.engines.ops.values import Value, ValueKind, read_value
from quintet.engines.ops.workflow import Workflow
from quintet.errors import QuintetError
from quintet.platform.crypto import digest_hex

_LIMIT_BYTES = 1 << 20
_ID_LIMIT = 200
_EXAMPLES = {
    ValueKind.TEXT: '"…"',
    ValueKind.NUMBER: "12.50",
    ValueKind.BOOLEAN: "true",
    ValueKind.DATE: '"2026-11-24"',
    ValueKind.PATH: '"inbox/a.pdf"',
}


class EventInvalid(QuintetError):
    """The event is not one that this workflow is for."""

    code = "ops.event_invalid"


@dataclass(frozen=True, slots=True)
class Event:
    """`fields` holds what the workflow declares, with its own id and type among them."""

    id: str
    type: str
    fields: Mapping[str, Value]
    digest: str
    body: str


def parse_event(raw: bytes, workflow: Workflow) -> Event:
    """The event that a JSON text stands for: `{"id": …, "type": …, "vendor": …}`.

    What the event says stands beside its id and type, or apart from them in an object `data`.
    """
    document = _document(raw)
    data = document.get("data", document)
    if not _is_object(data):
        raise _invalid(workflow, "its 'data' is not an object")
    body = json.dumps(document, sort_keys=True, default=str, ensure_ascii=False)
    digest = digest_hex(body.encode("utf-8", "surrogatepass"))
    event_type = document.get("type", workflow.event_type)
    if event_type != workflow.event_type:
        raise _invalid(workflow, f"its type is {str(event_type)[:60]!r}")
    # An event without an id is itself its id: the same words twice are the same event.
    event_id = document.get("id", f"content-{digest[:16]}")
    if not isinstance(event_id, str) or not event_id.isprintable() or not event_id:
        raise _invalid(workflow, "its 'id' is not a text")
    if len(event_id) > _ID_LIMIT:
        raise _invalid(workflow, f"its 'id' is longer than {_ID_LIMIT} characters")
    fields = {**_fields(data, workflow), "event.id": event_id, "event.type": workflow.event_type}
    return Event(event_id, workflow.event_type, fields, digest, body)


def _document(raw: bytes) -> dict[str, Any]:
    if len(raw) > _LIMIT_BYTES:
        raise EventInvalid("the event is too large", why=f"the limit is {_LIMIT_BYTES:,} bytes")
    try:
        document: object = json.loads(
            raw.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse
        )
    except RecursionError as error:
        raise EventInvalid("the event is not JSON", why="it is nested too deeply") from error
    except ValueError as error:
        raise EventInvalid("the event is not JSON", why=str(error)) from error
    if not _is_object(document):
        raise EventInvalid("the event is not a JSON object")
    return document


def _fields(data: dict[str, Any], workflow: Workflow) -> dict[str, Value]:
    problems: list[str] = []
    fields: dict[str, Value] = {}
    for name, field in workflow.fields.items():
        raw = data.get(name)
        if raw is None:
            if field.is_required:
                problems.append(f"{name} is missing")
            continue
        try:
            fields[name] = read_value(raw, field.kind)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise _invalid(workflow, "; ".join(problems))
    return fields


def _invalid(workflow: Workflow, why: str) -> EventInvalid:
    needed = ", ".join(
        f'"{name}": {_EXAMPLES[field.kind]}'
        for name, field in workflow.fields.items()
        if field.is_required
    )
    return EventInvalid(
        f"the event does not fit the workflow {workflow.name}",
        why=why,
        hint=f'ai ops trigger {workflow.name} --event \'{{"id": "…", {needed}}}\'',
    )


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is not a number of JSON")

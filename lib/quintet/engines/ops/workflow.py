"""A workflow as it was understood: what starts it, what its event must say, what it then does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from quintet.engines.ops.condition import Condition
from quintet.engines.ops.template import Template
from quintet.engines.ops.values import ValueKind


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the event says."""

    kind: ValueKind
    is_required: bool


@dataclass(frozen=True, slots=True)
class Append:
    """Adds a line to a file, or a row to a table of comma-separated values."""

    path: Template
    text: Template | None
    row: tuple[Template, ...]
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Makes a file; one that is there already is replaced only where the workflow says so."""

    path: Template
    text: Template
    replaces: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Gives a file another name, which must be free."""

    source: Template
    target: Template


@dataclass(frozen=True, slots=True)
class Note:
    """Puts a remark into the record."""

    text: Template


@dataclass(frozen=True, slots=True)
class Approve:
    """Nothing of the workflow happens before a person has said yes to all of it."""

    text: Template


Action: TypeAlias = Append | Write | Move | Note | Approve


@dataclass(frozen=True, slots=True)
class Step:
    """An action with the condition under which it is taken."""

    id: str
    action: Action
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """`digest` names the exact text, so that the record can say which version ran."""

    name: str
    description: str
    event_type: str
    fields: Mapping[str, Field]
    steps: tuple[Step, ...]
    digest: str

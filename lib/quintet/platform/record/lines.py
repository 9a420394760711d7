"""The lines of the record: what is appended to the journal, as versioned canonical JSON.

A line has a clear envelope, enough to list actions and to walk from one to the next, and a body
that is sealed for groups that keep their data sealed.
"""

import base64
import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.platform.crypto import Tampered, canonical_json, seal, unseal
from quintet.platform.record.groupkeys import GroupKeys
from quintet.platform.store.journal import Entry

FORMAT = 1
Body = Mapping[str, Any] | None
_ENVELOPE = ("v", "kind", "id", "group", "at", "links")
# The journal's checksum tells of damage; these tell of a line that was never ours.
_TEXTS = ("verb", "summary", "actor", "run", "folder", "reason", "policy", "error")
_LISTS = {"labels": str, "words": str, "evidence": dict, "effects": int}
_OBJECTS = ("effect", "cost")


class LineKind(StrEnum):
    """The steps in the life of an action."""

    BEGUN = "begun"
    REASON = "reason"
    DECIDED = "decided"
    SPENT = "spent"
    INTENT = "intent"
    APPLIED = "applied"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
    EXPIRED = "expired"


class BadLine(QuintetError):
    """A journal entry that is not a line of the record."""

    kind = Kind.INTEGRITY
    code = "record.bad_line"


class NewerRecord(QuintetError):
    """A newer version of the program wrote this line."""

    kind = Kind.UNAVAILABLE
    code = "record.newer"


@dataclass(frozen=True, slots=True)
class Line:
    """One step of one action. `body` is None when it is sealed and the key is not at hand.

    `links` are the ids of other actions (cause, undoes, by): they stay clear, so that the walk from
    action to action does not end at a sealed one.
    """

    kind: LineKind
    id: str
    group: str
    at: str
    links: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Body = field(default_factory=dict[str, Any])


class LineCodec:
    """Lines to bytes and back."""

    def __init__(self, keys: GroupKeys) -> None:
        self._keys = keys

    def encode(self, line: Line) -> bytes:
        parts: dict[str, Any] = {
            "v": FORMAT,
            "kind": line.kind.value,
            "id": line.id,
            "group": line.group,
            "at": line.at,
            "links": dict(line.links),
        }
        if self._keys.is_sealed(line.group):
            body = canonical_json(line.body)
            sealed = seal(self._keys.key(line.group), body, canonical_json(parts))
            parts["sealed"] = base64.b64encode(sealed).decode()
        else:
            parts["body"] = line.body
        return canonical_json(parts)

    def decode(self, payload: bytes) -> Line:
        """The line with its body, if that can be opened."""
        return self._line(payload, self._body)

    def envelope(self, payload: bytes) -> Line:
        """The line without its body: no key is asked for."""
        return self._line(payload, lambda parts: None)

    def envelopes(self, entries: Iterable[Entry]) -> Iterator[tuple[int, Line]]:
        """The envelopes of these entries, without those that are no lines or were taken out."""
        for entry in entries:
            if entry.payload is not None:
                with contextlib.suppress(BadLine):
                    yield entry.seq, self.envelope(entry.payload)

    def _line(self, payload: bytes, body_of: Callable[[dict[str, Any]], Body]) -> Line:
        parts = _parsed(payload)
        try:
            if parts["v"] > FORMAT:
                raise NewerRecord(
                    "the record was written by a newer version of ai",
                    why=f"it has format {parts['v']}, this version knows {FORMAT}",
                    hint="pip install --upgrade quintet",
                )
            return Line(
                kind=LineKind(parts["kind"]),
                id=_text(parts["id"]),
                group=_text(parts["group"]),
                at=_text(parts["at"]),
                links={name: _text(id) for name, id in parts["links"].items()},
                body=_shaped(body_of(parts)),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadLine("a line of the record cannot be read", why=str(error)) from error

    def _body(self, parts: dict[str, Any]) -> Body:
        if "sealed" not in parts:
            return parts["body"]
        key = self._keys.key_if_open(parts["group"])
        if key is None:
            return None
        envelope = canonical_json({name: parts[name] for name in _ENVELOPE})
        try:
            return json.loads(unseal(key, base64.b64decode(parts["sealed"]), envelope))
        except Tampered:
            return None


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        # Paths may hold bytes that are no UTF-8; they travel as lone surrogates.
        parts = json.loads(payload.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise BadLine("a line of the record cannot be read", why="it is not JSON") from error
    if not isinstance(parts, dict):
        raise BadLine("a line of the record cannot be read", why="it is not an object")
    return cast(dict[str, Any], parts)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]} is not a text")
    return value


def _shaped(body: Body) -> Body:
    """The body, if what it holds has the types that readers rely on."""
    if body is None:
        return None
    for name in body.keys() & set(_TEXTS):
        _text(body[name])
    for name in body.keys() & _LISTS.keys():
        if not all(isinstance(item, _LISTS[name]) for item in body[name]):
            raise TypeError(f"{name} holds something else than it should")
    for found in (*body.get("evidence", ()), *(body[name] for name in _OBJECTS if name in body)):
        _require_plain(found)
    return body


def _require_plain(fields: Mapping[str, Any]) -> None:
    """Fields that are told as text are text; states and figures are the handlers' own."""
    for name, value in fields.items():
        if name not in ("before", "after", "money_micros", "tokens", "duration_s"):
            _text(value)
        elif name in ("money_micros", "tokens", "duration_s") and not isinstance(
            value, int | float
        ):
            raise TypeError(f"{name} is not a number")

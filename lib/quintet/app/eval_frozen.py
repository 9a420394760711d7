"""What a frozen case says: the words of an action, and assertions on all that is not chance."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, cast

from quintet.app.eval_subjects import Witnessed
from quintet.evals.case import VerbSubject
from quintet.evals.observation import ABSENT, Observation
from quintet.models.strict_json import same
from quintet.platform.record.effects.file import FileHandler
from quintet.platform.record.event import Effect, Event

_LEAVES_MOST = 200
_TIMEOUT_S = 600
_FREEZABLE = "record.freezable=true"
_QUIET = frozenset(("--json", "--no-input", "--quiet", "-q", "--verbose", "-v"))
_NAMEABLE = re.compile(r'[^"\\]*')
# Evidence that names the same thing wherever it is looked at.
_TOLD = ("file", "line", "value", "frame", "event")


def words_of(event: Event) -> tuple[str, ...]:
    """The command line, without what only concerned its output, and with names as they are below
    the folder.
    """
    below = f"{event.folder}/"
    kept: list[str] = []
    for word in event.words:
        if word == _FREEZABLE and kept[-1:] == ["--config"]:
            kept.pop()
        elif word not in _QUIET:
            kept.append(word.replace(below, ""))
    return tuple(kept)


def case_line(
    id: str, event: Event, subject: VerbSubject, seen: tuple[Observation, Observation]
) -> bytes:
    """The case as a line of a suite."""
    files = {name: _content(data) for name, data in subject.files.items()}
    labels = f", {', '.join(event.labels)}" if event.labels else ""
    fields: dict[str, Any] = {
        "id": id,
        "note": f"frozen from {event.id}{labels}",
        "run": list(subject.words),
        "now": subject.now,
        **({"files": files} if files else {}),
        **({"tape": subject.tape} if subject.tape else {}),
        "timeout_s": _TIMEOUT_S,
        "assert": [
            {"status": seen[0].status},
            {"trajectory": list(seen[0].steps), "match": "exact"},
            *answer_checks(*seen),
        ],
    }
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _content(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def answer_checks(one: Observation, other: Observation) -> list[dict[str, Any]]:
    """Assertions on all of the answer that came twice."""
    if one.value is ABSENT or other.value is ABSENT:
        return [{"exact": one.text}] if one.text == other.text else []
    if same(one.value, other.value):
        return [{"path": "$", "equals": one.value}]
    known = dict(_leaves(other.value, "$"))
    return [
        {"path": path, "equals": value}
        for path, value in islice(_leaves(one.value, "$"), _LEAVES_MOST)
        if path in known and same(value, known[path])
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every part that is no list and no object, or is an empty one."""
    if isinstance(value, Mapping) and value:
        for name, inner in cast("Mapping[str, Any]", value).items():
            if _NAMEABLE.fullmatch(name):
                yield from _leaves(inner, f'{path}["{name}"]')
    elif isinstance(value, list) and value:
        for at, inner in enumerate(cast("list[Any]", value)):
            yield from _leaves(inner, f"{path}[{at}]")
    else:
        yield path, value


def difference_to(recorded: Event, tried: Witnessed) -> str:
    """The first thing that came out otherwise than recorded; empty where all is the same."""
    if tried.seen.ended:
        return tried.seen.ended
    wanted = (recorded.group, recorded.verb)
    again = [one for one in tried.events if (one.group, one.verb) == wanted]
    if not again:
        return f"nothing was recorded, and it ended with status {tried.seen.status}"
    before, now = _signature(recorded), _signature(again[0])
    for name, value in before.items():
        if now[name] != value:
            return f"{name}: {_short(now[name])}, and then it was {_short(value)}"
    return ""


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _signature(event: Event) -> dict[str, Any]:
    """What an action came to, without what is another one each time."""

    def plain(text: str) -> str:
        return text.replace(f"{event.folder}/", "").replace(event.folder, ".")

    evidence = event.evidence
    told = [(one.kind, plain(one.ref), one.digest) for one in evidence if one.kind in _TOLD]
    return {
        "the outcome": f"{event.outcome} {event.error}".strip(),
        "the reasons": [plain(reason) for reason in event.reasons],
        "the effects": [_effect(effect, plain) for effect in event.effects],
        "the evidence": (told, len(evidence)),
    }


def _effect(effect: Effect, plain: Callable[[str], str]) -> tuple[Any, ...]:
    if effect.kind == FileHandler.kind:
        return effect.kind, plain(effect.target), effect.before, effect.after
    return effect.kind, effect.target.partition(" ")[0]

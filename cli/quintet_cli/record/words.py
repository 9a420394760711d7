"""Actions and effects in a person's words; whatever came from outside is made safe to print."""

import json
from datetime import datetime
from typing import Any

from quintet.platform.policy.plain import plain_text
from quintet.platform.record.event import Effect, Event, Outcome, Reversal
from quintet_cli.session import Session

SHORT = 6
_STATE_LETTERS = 100
_LIMITS = {
    Reversal.REVERSIBLE: "",
    Reversal.COMPENSABLE: "  (can only be made good)",
    Reversal.IRREVERSIBLE: "  (cannot be undone)",
}


def when(session: Session, at: str) -> str:
    """For a person the wall clock, for a script what the record says."""
    if not session.console.is_terminal:
        return at
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def name_of(event: Event) -> str:
    """What was run: `code fix`; of a sealed action only the group."""
    return f"{event.group} {event.verb}".rstrip()


def summary_of(event: Event) -> str:
    return "(sealed)" if event.sealed else event.summary


def state_of(session: Session, event: Event) -> str:
    """How it stands: an open action is at work, or was cut off."""
    if event.outcome is not Outcome.OPEN:
        return event.outcome.value
    is_running = session.app.record.running.is_running(event.id)
    return "running" if is_running else "cut off"


def line_of(event: Event) -> str:
    """One action on one line."""
    return plain_text(f"{event.id[:SHORT]}  {name_of(event)}  {summary_of(event)}")


def effect_line(effect: Effect) -> str:
    """What an effect did, in one line."""
    note = f"  {effect.note}" if effect.note else ""
    return plain_text(f"{_told(effect)}{_LIMITS[effect.reversal]}{note}")


def _told(effect: Effect) -> str:
    if effect.kind == "file":
        return _file(effect.target, effect.before, effect.after)
    if effect.kind == "move":
        return _move(effect)
    doing = "create" if effect.before is None else "remove" if effect.after is None else "change"
    states = [_short(state) for state in (effect.before, effect.after) if state is not None]
    return f"{doing} {effect.kind} {effect.target}: {' -> '.join(states)}"


def _short(state: Any) -> str:
    text = state if isinstance(state, str) else json.dumps(state, ensure_ascii=False)
    return text if len(text) <= _STATE_LETTERS else f"{text[: _STATE_LETTERS - 1]}…"


def _file(path: str, before: Any, after: Any) -> str:
    if after is None:
        what = {"dir": "remove folder", "link": "remove link"}.get(before["type"], "delete")
        return f"{what} {path}"
    if after["type"] == "link":
        return f"link {path} -> {after['to']}"
    if before is not None and before.get("sha256") == after.get("sha256"):
        return f"mode of {path}: {before.get('mode', 0):o} -> {after['mode']:o}"
    if after["type"] == "dir":
        return f"make folder {path}"
    return f"{'create' if before is None else 'write'} {path} ({after['size']:,} bytes)"


def _move(effect: Effect) -> str:
    source, target = json.loads(effect.target)
    if effect.before["source"] is None:
        source, target = target, source
    return f"move {source} -> {target}"

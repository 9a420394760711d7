"""`ai life add`: a calendar file or a typed line goes into the encrypted store."""

from datetime import date, datetime
from typing import Annotated

import typer

from quintet.app.life import Added, Life
from quintet.app.life_readers import ENDINGS
from quintet.engines.life.add import TYPED
from quintet.engines.life.found import Found, Skipped
from quintet.engines.life.item import Item
from quintet.errors import Kind, UsageError
from quintet.platform.policy.plain import plain_text
from quintet_cli import exits
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_SHOWN = 10


@verb(
    does=Does.CHANGES,
    results={
        "life.add/1": {
            "sources": [
                {
                    "action": str,
                    "source": str,
                    "new": int,
                    "changed": int,
                    "known": int,
                    "understood": [str],
                    "skipped": [Skipped],
                    "items": [
                        {"id": str, "kind": str, "title": str, "starts": date | datetime | None}
                    ],
                }
            ]
        }
    },
    examples=(
        "ai life add calendar.ics",
        "ai life add dentist friday 15:00",
        "ai life add pay rent 2026-12-01",
        "curl -s https://example.org/team.ics | ai life add -",
    ),
)
def add(
    session: Session,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help=f"Files ({', '.join(ENDINGS)}), or the words of a note; - reads one.",
        ),
    ],
) -> int:
    """Take in files such as calendars, or a line that says what is when.

    With a time a line is an event, with a day alone a task, else a note; how it was understood is
    said. What is known already is not taken in twice. Ends with 3 when parts could not be read.
    """
    life = Life(session.app)
    found = life.find(words)
    # Also before a plan that is only shown: the plan is kept, and it is as private as the rows.
    for notice in life.open():
        session.console.note(notice)
    if session.flags.dry_run:
        _show_plans(session, life, found)
        return exits.OK
    added = [life.add(source) for source in found]
    session.show("life.add/1", {"sources": [_json(one) for one in added]}, _human(added))
    for one in added:
        _remark(session, one.found)
        if one.changes.effects:
            session.done(one.action, plain_text(f"added {one.found.source}"))
        else:
            session.console.note(f"nothing changed   why: ai why {one.action.id[:6]}")
    is_partial = any(one.found.lost_count for one in added)
    return exits.STATUS[Kind.PARTIAL] if is_partial else exits.OK


def _show_plans(session: Session, life: Life, found: list[Found]) -> None:
    if session.console.json and len(found) > 1:
        raise UsageError("with --json the plan of one file is shown", hint="name one file")
    for source in found:
        carry(session, life.plan(source))


def _human(added: list[Added]) -> str:
    return "\n".join(line for one in added for line in _lines(one))


def _lines(added: Added) -> list[str]:
    changes, source = added.changes, added.found.source
    if source.name == TYPED:
        (item,) = added.found.items
        choices = f"  ({'; '.join(added.found.choices)})" if added.found.choices else ""
        known = "" if changes.effects else "  (known already)"
        return [plain_text(f"{item.kind}: {_when(item)}{item.title}{choices}{known}")]
    counts = f"{len(changes.new)} new, {len(changes.changed)} changed"
    return [plain_text(f"{source}: {counts}, {changes.unchanged_count} known already")]


def _when(item: Item) -> str:
    if item.starts is None:
        return ""
    day = f"{item.starts:%a %Y-%m-%d}"
    if item.ends is None:
        return f"{day}, "
    return f"{day} {item.starts:%H:%M}-{item.ends:%H:%M}, "


def _remark(session: Session, found: Found) -> None:
    for skip in found.skipped[:_SHOWN]:
        lead = "left out" if skip.is_lost else "note"
        title = f" {skip.title}" if skip.title else ""
        session.console.note(plain_text(f"{lead}: {found.source} #{skip.index}{title}: {skip.why}"))
    if len(found.skipped) > _SHOWN:
        session.console.note(f"and {len(found.skipped) - _SHOWN} more: ai why shows them")


def _json(added: Added) -> dict[str, object]:
    changes = added.changes
    return {
        "action": added.action.id,
        "source": added.found.source.name,
        "new": len(changes.new),
        "changed": len(changes.changed),
        "known": changes.unchanged_count,
        "understood": added.found.choices,
        "skipped": added.found.skipped,
        "items": [
            {"id": item.id, "kind": item.kind, "title": item.title, "starts": item.starts}
            for item in (*changes.new, *changes.changed)
        ],
    }

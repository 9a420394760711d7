"""`ai life brief`: what today and tomorrow hold."""

from datetime import date, datetime
from typing import Annotated

import typer

from quintet.app.life import Life
from quintet.engines.life.agenda import Brief, Day, Entry
from quintet.engines.life.moments import Span
from quintet.errors import UsageError
from quintet.platform.policy.plain import plain_text
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_SPAN = {"starts": datetime, "ends": datetime}
_ENTRY = {
    "id": str,
    "kind": str,
    "title": str,
    "place": str,
    "all_day": bool,
    **_SPAN,
    "source": str,
}
_DAY = {
    "date": date,
    "entries": [_ENTRY],
    "conflicts": [{"items": [str], **_SPAN}],
    "free": [_SPAN],
}


@verb(
    does=Does.READS,
    results={
        "life.brief/1": {
            "action": str,
            "zone": str,
            "days": [_DAY],
            "overdue": [{"id": str, "title": str, "due": date | datetime, "source": str}],
        }
    },
    examples=("ai life brief", "ai life brief --date 2026-12-24", "ai life brief --json"),
)
def brief(
    session: Session,
    on: Annotated[str, typer.Option("--date", metavar="DAY", help="Another day: 2026-12-24.")] = "",
) -> None:
    """Today and tomorrow in ten seconds: what, conflicts, free time, overdue tasks.

    Every line names the source that it comes from; `ai why` leads to the row.
    """
    life = Life(session.app)
    action, told = life.brief(_day(on) if on else None)
    session.show(
        "life.brief/1", {"action": action, **_json(life, told)}, _human(session, life, told)
    )
    session.console.detail(f"why: ai why {action[:6]}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", hint="ai life brief --date 2026-12-24") from error


def _human(session: Session, life: Life, told: Brief) -> str:
    lines = [*_day_lines(session, life, told.today), "", *_day_lines(session, life, told.tomorrow)]
    if told.overdue:
        lines += ["", session.console.style("overdue", "bold", "red")]
        for item in told.overdue:
            due = str(item.starts).replace("T", " ")[:16]
            lines.append(_line(session, due, item.title, str(item.source)))
    return "\n".join(lines)


def _day_lines(session: Session, life: Life, day: Day) -> list[str]:
    lines = [session.console.style(f"{day.date:%A %-d %B %Y}", "bold")]
    for entry in day.entries:
        title = f"{entry.item.title}{f', {entry.item.place}' if entry.item.place else ''}"
        lines.append(_line(session, _when(life, entry), title, str(entry.item.source)))
    if not day.entries:
        lines.append("  nothing is planned")
    for conflict in day.conflicts:
        pair = f"{conflict.first.item.title} and {conflict.second.item.title}"
        text = f"  conflict: {pair}, {_clock(life, conflict.span)}"
        lines.append(session.console.style(plain_text(text), "yellow"))
    free = ", ".join(_clock(life, span) for span in day.free)
    return [*lines, f"  free: {free or 'nothing'}"]


def _line(session: Session, lead: str, title: str, source: str) -> str:
    return f"  {lead:<16}  {plain_text(title)}  {session.console.style(f'[{source}]', 'dim')}"


def _when(life: Life, entry: Entry) -> str:
    if entry.is_all_day:
        return "due" if entry.item.kind == "task" else "all day"
    if entry.span.start == entry.span.end:
        return f"{life.local(entry.span.start):%H:%M}"
    return _clock(life, entry.span)


def _clock(life: Life, span: Span) -> str:
    return f"{life.local(span.start):%H:%M}-{life.local(span.end):%H:%M}"


def _json(life: Life, told: Brief) -> dict[str, object]:
    return {
        "zone": str(life.zone),
        "days": [_day_json(life, day) for day in (told.today, told.tomorrow)],
        "overdue": [
            {"id": item.id, "title": item.title, "due": item.starts, "source": str(item.source)}
            for item in told.overdue
        ],
    }


def _day_json(life: Life, day: Day) -> dict[str, object]:
    return {
        "date": day.date,
        "entries": [
            {
                "id": entry.item.id,
                "kind": entry.item.kind,
                "title": entry.item.title,
                "place": entry.item.place,
                "all_day": entry.is_all_day,
                **_span_json(life, entry.span),
                "source": str(entry.item.source),
            }
            for entry in day.entries
        ],
        "conflicts": [
            {"items": [c.first.item.id, c.second.item.id], **_span_json(life, c.span)}
            for c in day.conflicts
        ],
        "free": [_span_json(life, span) for span in day.free],
    }


def _span_json(life: Life, span: Span) -> dict[str, object]:
    return {"starts": life.local(span.start), "ends": life.local(span.end)}

"""What can be done with the record as a whole: check it, note its end, see and limit its cost."""

from quintet.platform.policy.plain import plain_text
from quintet.platform.record.retention import Retained
from quintet.platform.record.vault import Usage
from quintet.platform.record.verify import Finding, Verification, anchor_of, verify
from quintet_cli.exits import OK, STATUS
from quintet_cli.session import Session

RESULTS = {
    "log.verify/1": {"is_whole": bool, "found": Verification},
    "log.anchor/1": {"anchor": str},
    "log.usage/1": {"undoable": int, "oldest": str, "expiring": [str], "kept": Usage},
    "log.tidy/1": {"expired": int, "changed": bool, "removed?": Usage},
}


def verify_record(session: Session, against: str) -> int:
    """Exit status 7 unless the record is whole."""
    from quintet.errors import Kind

    found = verify(session.app.record, against)
    lines = [
        f"{found.actions:,} actions in {found.entries:,} entries, {found.redacted:,} taken out",
        *(_line("problem", problem) for problem in found.problems),
        *(_line("note", note) for note in found.notes),
        "the record is whole" if found.is_whole else "THE RECORD IS NOT WHOLE",
    ]
    session.show("log.verify/1", {"is_whole": found.is_whole, "found": found}, "\n".join(lines))
    return OK if found.is_whole else STATUS[Kind.INTEGRITY]


def anchor(session: Session) -> None:
    end = anchor_of(session.app.record)
    session.show("log.anchor/1", {"anchor": end}, end)
    session.console.note(f"keep it elsewhere, then: ai log verify --against {end}")


def usage(session: Session) -> None:
    retained = session.app.record.retained()
    session.show("log.usage/1", _body(retained), "\n".join(_usage_lines(retained)))


def tidy(session: Session) -> None:
    """Let actions expire that are beyond the limits."""
    retained = session.app.record.retained()
    count = len(retained.expiring)
    if session.flags.dry_run:
        text = f"{count} actions would no longer be undoable; nothing was changed"
        session.show("log.tidy/1", {"expired": count, "changed": False}, text)
        return
    removed = session.app.record.tidy()
    body = {"expired": count, "changed": True, "removed": removed}
    text = f"{count} actions expired, {removed.size_bytes:,} bytes of old content removed"
    session.show("log.tidy/1", body, text)


def _usage_lines(retained: Retained) -> list[str]:
    usage = retained.usage
    lines = [
        f"{retained.undoable:,} actions can be undone",
        f"{usage.contents:,} old contents are kept for that, {usage.size_bytes:,} bytes",
    ]
    if retained.oldest:
        lines.append(f"the oldest is from {retained.oldest}")
    if retained.expiring:
        lines.append(f"{len(retained.expiring):,} are beyond the limits: ai log tidy")
    return lines


def _body(retained: Retained) -> dict[str, object]:
    return {
        "undoable": retained.undoable,
        "oldest": retained.oldest,
        "expiring": [event.id for event in retained.expiring],
        "kept": retained.usage,
    }


def _line(lead: str, finding: Finding) -> str:
    where = f"entry {finding.seq}: " if finding.seq else ""
    return f"{lead}: {where}{plain_text(finding.what)}"

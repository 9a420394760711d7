"""`ai key lock`: end what unlock began."""

from quintet.platform.keys.status import status_of
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"key.lock/1": {"changed": bool, "still_opens": [str]}},
    examples=("ai key lock",),
)
def lock(session: Session) -> None:
    """Forget the key that `ai key unlock` keeps; says what still opens without a person."""
    keyset = session.app.keys
    was_unlocked = status_of(keyset).is_unlocked
    if was_unlocked and not session.flags.dry_run:
        with session.app.record.action("key", "lock", "lock"):
            keyset.lock()
    found = status_of(keyset)
    still = f"; {found.by} still opens {', '.join(found.unattended)}" if found.unattended else ""
    body = {"changed": was_unlocked and not session.flags.dry_run, "still_opens": found.unattended}
    state = "locked" if not found.is_unlocked else "unlocked"
    session.show("key.lock/1", body, f"{state}{still}")

"""`ai key rotate`: new keys in place of old ones."""

from typing import Annotated

import typer

from quintet.app.home import DATABASES
from quintet.app.rotation import rotate_data
from quintet.errors import UsageError
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={
        "key.rotate/1": {
            "changed": bool,
            "master_generation?": int,
            "group?": str,
            "backups?": [str],
            "left_out?": [str],
        }
    },
    examples=("ai key rotate", "ai key rotate --data life"),
)
def rotate(
    session: Session,
    data: Annotated[
        str, typer.Option(metavar="GROUP", help="A new key for the data of this group.")
    ] = "",
) -> None:
    """Replace the master key, or with --data the key of one group's data.

    The master key takes milliseconds and no passphrase: every way in keeps working. With --data
    the group's store and its backups are written anew, which needs as much free space again. Cut
    off at any point everything stays readable; run it again.
    """
    if session.flags.dry_run:
        what = f"the data key of {data}" if data else "the master key"
        session.show("key.rotate/1", {"changed": False}, f"{what}; nothing was changed")
    elif data:
        _rotate_data(session, data)
    else:
        _rotate_master(session)


def _rotate_master(session: Session) -> None:
    keyset = session.app.keys
    keyset.opened(None)
    with session.app.record.action("key", "rotate", "replace the master key"):
        generation = keyset.rotate_master()
    body = {"changed": True, "master_generation": generation}
    session.show("key.rotate/1", body, f"the master key is new (generation {generation})")


def _rotate_data(session: Session, group: str) -> None:
    app = session.app
    if not app.keys.is_sealed(group):
        raise UsageError(f"no data of {group!r} is encrypted", hint="ai key status")
    app.keys.opened(None)
    database = app.database(group) if group in DATABASES else None
    with app.record.action("key", "rotate", f"replace the data key of {group}"):
        done = rotate_data(group, app.keys, history=app.record.group_keys, database=database)
    for path in done.left_out:
        session.console.note(f"warning: the backup {path} kept its old key and no longer opens")
    body = {"changed": True, "group": group, "backups": done.backups, "left_out": done.left_out}
    session.show("key.rotate/1", body, f"the data of {group} has a new key")

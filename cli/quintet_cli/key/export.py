"""`ai key export`: all keys in one file that a passphrase opens."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.errors import UsageError
from quintet.platform.files import write_atomic
from quintet.platform.keys import transfer
from quintet.platform.keys.slots.passphrase import Passphrase
from quintet_cli.key.asking import new_passphrase
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"key.export/1": {"file": Path, "changed": bool}},
    examples=("ai key export keys-2026.json",),
)
def export(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write it.")],
    passphrase_from: Annotated[
        str, typer.Option(metavar="FILE", help="Its passphrase: the first line; - is stdin.")
    ] = "",
) -> None:
    """Write all keys to a file that a passphrase of its own opens, for a safe place.

    With it and your data files, everything can be opened on another machine: `ai key import`.
    """
    app = session.app
    path = app.cwd / Path(file).expanduser()
    if path.exists():
        raise UsageError(f"{path} is there already", hint="choose another name")
    if session.flags.dry_run:
        session.show("key.export/1", {"file": path, "changed": False}, f"would write {path}")
        return
    app.keys.opened(None)
    opener = Passphrase(new_passphrase(session, passphrase_from), app.rng)
    data = transfer.export(app.keys, opener, rng=app.rng, created_at=app.clock.now())
    with app.record.action("key", "export", f"export the keys to {path}"):
        write_atomic(path, data)
    human = f"{path} and its passphrase together open all data"
    session.show("key.export/1", {"file": path, "changed": True}, human)

"""`ai key import`: take keys from an export."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.platform.files import read_bytes
from quintet.platform.keys.document import LIMIT_BYTES
from quintet.platform.keys.transfer import Imported, take_in
from quintet_cli.key.asking import known_passphrase
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={
        "key.import/1": {"changed?": bool, "is_new?": bool, "slots?": [str], "groups?": [str]}
    },
    examples=("ai key import keys-2026.json",),
)
def import_(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `ai key export` wrote.")],
    passphrase_from: Annotated[
        str, typer.Option(metavar="FILE", help="Its passphrase: the first line; - is stdin.")
    ] = "",
) -> None:
    """Take keys from an export: as your keys, as a way in, or for the groups that you lack.

    Where there are no keys, the export becomes them, and its passphrase opens them. Where it was
    made from the keys that are here, its passphrase becomes a way in. Else the keys of its groups
    are added to yours; a group that both have is refused.
    """
    app = session.app
    data = read_bytes(app.cwd / Path(file).expanduser(), LIMIT_BYTES)
    passphrase = known_passphrase(session, passphrase_from)
    if session.flags.dry_run:
        session.show("key.import/1", {"changed": False}, f"would take the keys from {file}")
        return
    with app.record.action("key", "import", f"import keys from {file}"):
        imported = take_in(app.keys, data, passphrase)
    session.show("key.import/1", imported, _human(imported))


def _human(imported: Imported) -> str:
    if imported.is_new:
        return "these are your keys now; their passphrase opens them (more: ai key add --help)"
    if imported.slots:
        return "the passphrase of the export now opens your keys"
    if imported.groups:
        return f"added the keys of {', '.join(imported.groups)}"
    return "there was nothing to add"

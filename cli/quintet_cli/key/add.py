"""`ai key add`: another way in."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from quintet.errors import UsageError
from quintet.platform.keys.slots.command import Command
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.keys.slots.keyring import Keyring
from quintet.platform.keys.slots.opener import Opener
from quintet.platform.keys.slots.passphrase import Passphrase
from quintet.platform.keys.slots.recovery import Recovery
from quintet.platform.rng import new_id
from quintet_cli.key.asking import new_passphrase
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


class WayIn(StrEnum):
    """The kinds of slots that can be added."""

    PASSPHRASE = "passphrase"
    RECOVERY = "recovery"
    KEYFILE = "keyfile"
    KEYRING = "keyring"
    COMMAND = "command"


@verb(
    does=Does.CHANGES,
    results={
        "key.add/1": {"kind": WayIn, "opens": [str], "changed": bool, "id?": str, "code?": str}
    },
    examples=(
        "ai key add recovery",
        "ai key add passphrase",
        "ai key add keyfile --to ~/.config/ai/cron.key --only life",
        "ai key add command --command 'pass show ai'",
    ),
)
def add(
    session: Session,
    kind: Annotated[WayIn, typer.Argument(metavar="KIND", help="What is to open the data.")],
    *,
    only: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="Open no more than this group.")
    ] = None,
    to: Annotated[str, typer.Option(metavar="FILE", help="keyfile: where to write it.")] = "",
    command: Annotated[
        str, typer.Option(metavar="LINE", help="command: what prints the secret.")
    ] = "",
    passphrase_from: Annotated[
        str, typer.Option(metavar="FILE", help="passphrase: its first line; - is stdin.")
    ] = "",
    label: Annotated[str, typer.Option(help="A name for it.")] = "",
) -> None:
    """Add another way to open your data: passphrase, recovery, keyfile, keyring or command.

    Each of them alone opens the data. A recovery code is shown once and stored nowhere. The line of
    a command is not stored either: put it into AI_KEY_COMMAND where it is to be used.
    """
    groups = tuple(only or ())
    if session.flags.dry_run:
        opens = ", ".join(groups) or "everything"
        text = f"a {kind} slot that opens {opens}; nothing was changed"
        session.show("key.add/1", {"kind": kind, "opens": groups, "changed": False}, text)
        return
    opener = _opener(session, kind, to=to, command=command, passphrase_from=passphrase_from)
    slot_id = new_id(session.app.rng)
    effect = session.app.slot_effects.offer(slot_id, opener, label=label, groups=groups)
    with session.app.record.action("key", "add", f"add a {kind} slot {slot_id[:6]}") as action:
        action.apply(effect)
    session.done(action, f"added the {kind} slot {slot_id[:6]}")
    code = opener.printed() if isinstance(opener, Recovery) else None
    body = {"id": slot_id, "kind": kind, "opens": groups, "changed": True}
    session.show(
        "key.add/1", body | ({"code": code} if code else {}), _human(opener, code or "", slot_id)
    )


def _opener(
    session: Session, kind: WayIn, *, to: str, command: str, passphrase_from: str
) -> Opener:
    app = session.app
    match kind:
        case WayIn.PASSPHRASE:
            return Passphrase(new_passphrase(session, passphrase_from), app.rng)
        case WayIn.RECOVERY:
            return Recovery.new(app.rng)
        case WayIn.KEYFILE:
            path = Path(to).expanduser() if to else app.keys.unlocker.key_file
            return KeyFile((app.cwd / path).absolute(), app.rng)
        case WayIn.KEYRING:
            return Keyring(app.keys.unlocker.vault, app.rng)
        case WayIn.COMMAND:
            line = command or app.env.get("AI_KEY_COMMAND", "")
            if not line:
                raise UsageError(
                    "which command?", hint="ai key add command --command 'pass show ai'"
                )
            return Command(line, app.rng)


def _human(opener: Opener, code: str, slot_id: str) -> str:
    if code:
        return f"write this down; it is shown only now:\n\n    {code}\n"
    if isinstance(opener, KeyFile):
        return f"{opener.path} opens the data for whoever can read it"
    if isinstance(opener, Command):
        return f"use it with: AI_KEY_COMMAND={opener.line!r}"
    return f"the {opener.kind} slot {slot_id[:6]} opens the data"

"""`ai config edit`: open your settings in your editor."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from quintet.errors import Kind, QuintetError
from quintet.platform.config.edit import replace_text
from quintet.platform.config.toml_file import ConfigBroken, TomlFile, read_toml
from quintet.platform.files import ensure_private_dir, explained, read_bytes, write_all
from quintet_cli.config.changing import hindrance
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_USUAL = ("sensible-editor", "nano", "vi")


class EditorFailed(QuintetError):
    """No editor can be found, or it ended with an error."""

    kind = Kind.UNAVAILABLE
    code = "config.editor_failed"


@verb(
    does=Does.CHANGES,
    results={"config.edit/1": {"file": Path, "changed?": bool}},
    examples=("ai config edit", "EDITOR=nano ai config edit"),
)
def edit(session: Session) -> None:
    """Open your settings in $VISUAL or $EDITOR; what you save is checked before it takes effect.

    Works on a copy, so that a mistake or a crash of the editor leaves your settings as they are.
    """
    path = session.app.config.file
    editor = _editor(session)
    if session.flags.dry_run:
        session.show("config.edit/1", {"file": path}, f"would open {path} in {editor[0]}")
        return
    present = read_toml(path)
    before = present.raw if present else b""
    draft = _draft(path, before)
    try:
        after = _edited(session, editor, draft)
        if after != before:
            _put(session, path, before, after)
    except QuintetError as error:
        error.why = f"{error.why}; your text is kept in {draft}".removeprefix("; ")
        raise
    draft.unlink(missing_ok=True)
    changed = after != before
    human = f"changed {path}" if changed else "nothing was changed"
    session.show("config.edit/1", {"file": path, "changed": changed}, human)


def _editor(session: Session) -> list[str]:
    env = session.app.env
    named = env.get("VISUAL") or env.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError:
        words = []
    usual = next(filter(shutil.which, _USUAL), None) if session.is_interactive else None
    if not words and usual is None:
        raise EditorFailed("there is no editor", hint="EDITOR=nano ai config edit")
    return words or [usual or ""]


def _draft(path: Path, content: bytes) -> Path:
    ensure_private_dir(path.parent)
    with explained("write beside", path):
        fd, name = tempfile.mkstemp(suffix=".toml", prefix="edit-", dir=path.parent)
        try:
            write_all(fd, content)
        finally:
            os.close(fd)
    return Path(name)


def _edited(session: Session, editor: list[str], draft: Path) -> bytes:
    """What the user saved, as often as it takes them to make it TOML."""
    while True:
        try:
            subprocess.run([*editor, str(draft)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EditorFailed(f"{editor[0]} failed", why=str(error)) from error
        text = read_bytes(draft)
        try:
            TomlFile(draft, text).data()
        except ConfigBroken as error:
            if not session.is_interactive or not _wants_to_go_on(session, error):
                raise
            continue
        return text


def _wants_to_go_on(session: Session, error: ConfigBroken) -> bool:
    session.console.failure(error)
    session.console.err.write("edit again? [Y/n] ")
    session.console.err.flush()
    return not sys.stdin.readline().strip().lower().startswith("n")


def _put(session: Session, path: Path, before: bytes, after: bytes) -> None:
    if reason := hindrance(session):
        replace_text(path, before, after)
        session.console.note(f"note: this was not recorded: {reason}")
        return
    with session.app.record.action("config", "edit", f"edit {path}") as action:
        replace_text(path, before, after, action.write_file)
    session.done(action, "edited your settings")

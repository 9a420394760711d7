"""`ai` alone: what works now, and what one command would add."""

from quintet.app.readiness import Ready, readiness
from quintet.version import VERSION
from quintet_cli.session import Session


def welcome(session: Session) -> None:
    """Print the first screen. It asks nothing, downloads nothing and creates nothing."""
    ready = readiness(session.app)
    state = "empty, made when first needed" if ready.is_empty else "in use"
    console = session.console
    lines = [f"ai {VERSION}: five engines that work offline, without a model or a key.", ""]
    lines += [f"  data      {ready.data_dir} ({state})"]
    lines += ["  network   closed, unless a rule of yours opens it: ai policy list", ""]
    lines += [_row(session, group) for group in ready.groups]
    lines += ["", "Start with  ai demo     everything: ai --help     how it stands: ai doctor"]
    console.line("\n".join(lines))


def _row(session: Session, group: Ready) -> str:
    row = f"  {group.group:<6} {group.try_first:<26} {group.does}"
    return f"{row}\n{'':<36}{session.console.style(group.better, 'dim')}" if group.better else row

"""`ai demo`: a tour through what works offline, on data that it makes."""

import contextlib
import io
import os
import shlex
import shutil
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from quintet.app.demo.tour import TOUR, Station
from quintet.app.demo.world import make_world
from quintet.app.home import App
from quintet.platform.files import ensure_private_dir
from quintet_cli import exits
from quintet_cli.console import Console, ReaderGone
from quintet_cli.main import run
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@contextlib.contextmanager
def _place(keep: Path | None) -> Generator[Path]:
    """The folder of the made world: the user's, or one that goes away again."""
    if keep:
        yield ensure_private_dir(keep.absolute())
        return
    folder = Path(tempfile.mkdtemp(prefix="ai-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(session: Session, folder: Path) -> dict[str, str]:
    return {**session.app.env, "AI_HOME": str(folder / "home"), "AI_KEY_FILE": ""}


def _visit(session: Session, station: Station, folder: Path, out: TextIO) -> int:
    """Run one command as if it had been typed in the folder of the world."""
    env = _environment(session, folder)

    def open_app(env: Mapping[str, str], **options: Any) -> App:
        return App(env, cwd=folder, clock=session.app.clock, **options)

    with contextlib.chdir(folder):
        return run(list(station.words), Console(out, session.console.err, env), open_app)


@contextlib.contextmanager
def _children_on_stderr() -> Generator[None]:
    """What a station's own children print goes to stderr: stdout is for one JSON object."""
    stdout_fd, stderr_fd = 1, 2
    kept_fd = os.dup(stdout_fd)
    os.dup2(stderr_fd, stdout_fd)
    try:
        yield
    finally:
        os.dup2(kept_fd, stdout_fd)
        os.close(kept_fd)


@verb(
    does=Does.READS,
    results={
        "demo/1": {"stations": [{"command": str, "status": int, "output": str}], "failed": [str]}
    },
    unless=("--keep",),
    examples=("ai demo", "ai demo --keep ~/ai-demo"),
)
def demo(
    session: Session,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="FOLDER", help="Leave the made files and their store here."),
    ] = None,
) -> int:
    """A two-minute tour through what works offline, on data that it makes.

    Your own data and settings are not touched: the tour has a home of its own.
    """
    console = session.console
    visits: list[dict[str, Any]] = []
    with _place(keep) as folder:
        make_world(folder, session.app.clock.now().date())
        for number, station in enumerate(TOUR, start=1):
            command = shlex.join(("ai", *station.words))
            heading = console.style(f"{number}. {station.says}", "bold", stream=console.err)
            console.note(
                f"\n{heading}\n{console.style(f'$ {command}', 'cyan', stream=console.err)}"
            )
            captured = io.StringIO()
            if console.json:
                with _children_on_stderr():
                    status = _visit(session, station, folder, captured)
            else:
                status = _visit(session, station, folder, console.out)
            if status == exits.CLOSED_PIPE:
                raise ReaderGone
            if status == exits.INTERRUPTED:
                # Ctrl-C means the tour, not the one station that it happened to reach.
                raise KeyboardInterrupt
            visits.append({"command": command, "status": status, "output": captured.getvalue()})
    failed = [visit["command"] for visit in visits if visit["status"] != exits.OK]
    session.show("demo/1", {"stations": visits, "failed": failed}, "")
    console.note("\nThat was it. Next: ai --help, ai doctor, or your own data.")
    if failed:
        console.note(f"{len(failed)} of {len(visits)} stations failed: {', '.join(failed)}")
    return 1 if failed else exits.OK

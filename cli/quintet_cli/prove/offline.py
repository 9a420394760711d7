"""`ai prove offline`: the kernel as a witness that a command talks to nobody."""

import json
import shutil
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from quintet.app.ourselves import BY_MODULE
from quintet.errors import Kind, QuintetError
from quintet.platform.confine.certificate import SCHEMA, Certificate, certificate_lines
from quintet.platform.confine.prove import prove_offline
from quintet.platform.files import write_atomic
from quintet.platform.policy.plain import plain_text
from quintet_cli import exits
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_STDOUT_FD, _STDERR_FD = 1, 2


@verb(
    does=Does.DESTROYS,
    results={SCHEMA: Certificate},
    examples=(
        "ai prove offline -- ai life brief",
        "ai prove offline --certificate proof.json -- python script.py",
    ),
)
def offline(
    session: Session,
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="What to run.")],
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Write the proof here.")
    ] = None,
) -> int:
    """Run a command with the network denied by the kernel, and say what it tried.

    Probes of our own run under the same seal first: each must fail inside and work outside. The
    command's output goes where it always goes, the certificate to standard error; with --json the
    certificate is the output. Ends with the command's own status, or with 5 if it tried to connect.
    """
    session.console.flush()
    stdout_fd = _STDERR_FD if session.console.json else _STDOUT_FD
    app = session.app
    words = _findable(command, app.env.get("PATH"))
    with _leaving_interrupts_to_the_command():
        proof = prove_offline(words, clock=app.clock, stdout_fd=stdout_fd, env=app.env)
    if session.console.json:
        session.console.emit(proof.as_json())
    else:
        for line in certificate_lines(proof):
            session.console.note(plain_text(line))
    if certificate:
        write_atomic(app.cwd / certificate, json.dumps(proof.as_json(), indent=2).encode())
    _record(session, proof)
    return proof.exit_status if proof.is_offline else exits.STATUS[Kind.REFUSED]


def _findable(command: list[str], path: str | None) -> list[str]:
    """`ai` is this very program, also where it is not on the PATH."""
    if command[0] == "ai" and shutil.which("ai", path=path) is None:
        return [*BY_MODULE, *command[1:]]
    return command


@contextmanager
def _leaving_interrupts_to_the_command() -> Generator[None]:
    """Ctrl-C reaches the command too, which may want to end in its own way; then we tell of it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _record(session: Session, proof: Certificate) -> None:
    summary = f"offline: {' '.join(proof.command)}"[:200]
    try:
        with session.app.record.action("prove", "offline", summary) as action:
            action.because(certificate_lines(proof)[0])
            action.because(f"the filter was sha256 {proof.filter_sha256} on {proof.kernel}")
    except QuintetError as error:
        # The proof stands by itself; it must not be lost where nothing can be written.
        session.console.note(f"note: this was not recorded: {plain_text(str(error))}")

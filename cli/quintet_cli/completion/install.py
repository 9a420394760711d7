"""`ai completion install`: one file of our own in the shell's place for it, no other touched."""

from typing import Annotated

import typer

from quintet.platform.policy.plan import Plan, Risk
from quintet_cli.completion.generate import Shell, script_for
from quintet_cli.completion.placement import Placement, own_shell, placement_for
from quintet_cli.consent.carry import carry
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.CHANGES,
    results={"completion.install/1": {"shell": Shell, "path": str, "changed": bool}},
    examples=("ai completion install", "ai completion install zsh --dry-run"),
)
def install(
    session: Session,
    shell: Annotated[
        Shell | None, typer.Argument(help="The shell to complete for; your own if left out.")
    ] = None,
) -> None:
    """Put the completion script where your shell looks for it.

    Writes that one file and says where. A startup file such as ~/.bashrc is yours: where a line
    is wanted in it, the line is printed.
    """
    env = session.app.env
    place = placement_for(shell or own_shell(env), env)
    script = script_for(place.shell).encode()
    if place.present() == script:
        _tell(session, place, is_changed=False)
    elif action := carry(session, _plan(session, place, script)):
        _tell(session, place, is_changed=True)
        session.done(action, f"completion for {place.shell}")


def _plan(session: Session, place: Placement, script: bytes) -> Plan:
    record = session.app.record
    record.vault.shelf("completion").keep_bytes(script)
    return Plan(
        group="completion",
        verb="install",
        summary=f"completion for {place.shell}",
        effects=tuple(record.effects.changes("completion").writing(place.path, script)),
        risk=Risk.MILD,
    )


def _tell(session: Session, place: Placement, *, is_changed: bool) -> None:
    value = {"shell": place.shell, "path": place.path, "changed": is_changed}
    human = f"wrote {place.path}" if is_changed else f"{place.path} is current"
    session.show("completion.install/1", value, human)
    if place.remark:
        session.console.note(place.remark)

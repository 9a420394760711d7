"""Runs any command where the kernel denies it the network, and says what was proven by that.

The command is run only after our own probes, which reach our own listeners without the seal, were
all refused inside the very seal that the command gets.
"""

import contextlib
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from quintet.errors import NotFound, UsageError
from quintet.platform.clock import Clock
from quintet.platform.confine.certificate import ALWAYS_OPEN, Certificate, Mechanism, Probe, Refused
from quintet.platform.confine.judge import SealBroken, judged
from quintet.platform.confine.machine import CannotSeal, machine_here
from quintet.platform.confine.mounts import served_mounts
from quintet.platform.confine.plant import Plants
from quintet.platform.confine.streams import inherited_files, without_socket
from quintet.platform.trace.program import ended as told_end
from quintet.platform.trace.program import program
from quintet.platform.trace.span import for_child

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
    "from quintet.platform.confine.supervise import main\n"
    "main()\n"
)
_ROOT = Path(__file__).parents[3]


class CommandMissing(NotFound):
    """The command to prove could not be started."""

    code = "confine.command_missing"


def prove_offline(
    command: Sequence[str],
    *,
    clock: Clock,
    stdout_fd: int = 1,
    env: Mapping[str, str] | None = None,
) -> Certificate:
    """Run a command sealed, from start to end; its output goes where this process's own goes.

    Raises `CannotSeal` where the kernel cannot do it, and `SealBroken` before anything is run if
    a probe gets through. A `KeyboardInterrupt` ends the command.
    """
    if not command:
        raise UsageError("there is no command to run", hint="ai prove offline -- COMMAND …")
    machine_here()
    traced = for_child(env or os.environ)
    with Plants() as plants, program(command) as span, _supervisor(stdout_fd, traced) as talk:
        talk.say({"command": list(command), "targets": list(plants.targets)})
        outside = talk.hear("probed")["outcomes"]
        reached = plants.arrivals()
        talk.say({})
        sealed = talk.hear("sealed")
        probes = judged(outside, reached, sealed["outcomes"], plants.arrivals())
        started_at = clock.now()
        talk.say({})
        ended = talk.hear("ended")
        told_end(span, ended["status"])
        _require_silence(plants)
    if ended["unstarted"]:
        raise CommandMissing(f"could not start {command[0]}", why=ended["unstarted"])
    return _certificate(command, probes, sealed, ended, (started_at, clock.now()))


def _certificate(
    command: Sequence[str],
    probes: tuple[Probe, ...],
    sealed: dict[str, Any],
    ended: dict[str, Any],
    times: tuple[datetime, datetime],
) -> Certificate:
    status: int = ended["status"]
    here = os.uname()
    return Certificate(
        command=tuple(command),
        started_at=times[0].isoformat(timespec="milliseconds"),
        ended_at=times[1].isoformat(timespec="milliseconds"),
        # As shells count: a command that a signal ended has 128 and the signal's number.
        exit_status=status if status >= 0 else 128 - status,
        reaching=ended["reaching"],
        refused=tuple(Refused(**entry) for entry in ended["entries"]),
        unlisted=ended["unlisted"],
        probes=probes,
        mechanisms=_mechanisms(sealed),
        filter_sha256=sealed["filter"],
        kernel=f"{here.sysname} {here.release} {here.machine}",
        user=_user(),
        ended_processes=ended["stragglers"],
        limits=(*_limits(probes), *ALWAYS_OPEN),
    )


def _require_silence(plants: Plants) -> None:
    leaked = sorted(plants.arrivals())
    if leaked:
        raise SealBroken(
            "the seal did not hold while the command ran",
            why=f"something reached our own listener by {', '.join(leaked)}",
            hint="please report it, with the output of: uname -a",
        )


class _Talk:
    """Lines of JSON with the supervisor."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to = to
        self._back = back

    def say(self, message: Any) -> None:
        try:
            self._to.write(json.dumps(message).encode() + b"\n")
            self._to.flush()
        except BrokenPipeError as error:
            raise CannotSeal("the process that seals the command ended unexpectedly") from error

    def hear(self, event: str) -> dict[str, Any]:
        line = self._back.readline()
        message: dict[str, Any] = json.loads(line) if line else {"event": "ended early"}
        if message["event"] == "failed":
            raise CannotSeal(message["what"], why=message["why"], hint=message["hint"])
        if message["event"] != event:
            raise CannotSeal(
                "the process that seals the command ended unexpectedly", why=message["event"]
            )
        return message


@contextlib.contextmanager
def _supervisor(stdout_fd: int, env: Mapping[str, str] | None) -> Generator[_Talk]:
    """The process that seals, for as long as the block lasts; leaving early ends the command."""
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()
    with (
        contextlib.ExitStack() as stack,
        os.fdopen(to_write, "wb") as to,
        os.fdopen(back_read, "rb") as back,
    ):
        streams = [stack.enter_context(without_socket(fd)) for fd in (0, stdout_fd, 2)]
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_ROOT), str(to_read), str(back_write)],
            stdin=streams[0],
            stdout=streams[1],
            stderr=streams[2],
            env=env,
            pass_fds=(to_read, back_write, *inherited_files()),
        )
        os.close(to_read)
        os.close(back_write)
        try:
            yield _Talk(to, back)
        finally:
            # The supervisor ends the command when nobody listens any more.
            with contextlib.suppress(BrokenPipeError):
                to.close()
            process.wait()


def _mechanisms(sealed: dict[str, Any]) -> tuple[Mechanism, ...]:
    version, why = sealed["landlock"], sealed["why_in_network"]
    dropped: list[str] = sealed["dropped"]
    return (
        Mechanism(
            "seccomp", True, "sockets, io_uring and foreign system calls are held and denied"
        ),
        Mechanism("no_new_privs", True, "no program gains rights by being run"),
        Mechanism(
            "landlock",
            version > 0,
            f"version {version}: other processes are out of reach" if version else "not available",
        ),
        Mechanism("empty network", not why, why or "a network namespace that leads nowhere"),
        Mechanism(
            "capabilities",
            bool(dropped),
            f"{len(dropped)} of root's rights laid down" if dropped else "there were none",
        ),
    )


def _limits(probes: tuple[Probe, ...]) -> list[str]:
    """What this machine leaves open beside what is always open."""
    limits: list[str] = []
    if any(not probe.is_refused for probe in probes):
        limits.append("the memory of your other processes could be written from inside the seal")
    if os.geteuid() == 0:
        limits.append("it ran as root, who can change files that the kernel or others will run")
    mountinfo = ""
    with contextlib.suppress(OSError):
        mountinfo = Path("/proc/self/mountinfo").read_text(errors="backslashreplace")
    limits += [
        f"{place} is served by another machine or program ({kind})"
        for place, kind in served_mounts(mountinfo)
    ]
    return limits


def _user() -> str:
    uid = os.geteuid()
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"

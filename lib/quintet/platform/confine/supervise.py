"""The process between `ai` and a sealed command: seals it, answers for it, and outlives it.

It is a program of its own so that it starts from a known state: no threads, no descriptors but
those that it was given. It speaks with `ai` in lines of JSON over two pipes.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from quintet.platform.confine.answers import Answers
from quintet.platform.confine.deaf import deaf_sockets
from quintet.platform.confine.filter import fingerprint
from quintet.platform.confine.landlock import restrict
from quintet.platform.confine.machine import CannotSeal, Machine, machine_here
from quintet.platform.confine.privileges import (
    close_strange_descriptors,
    die_with_parent,
    drop_capabilities,
    leave_the_network,
)
from quintet.platform.confine.probe import Targets, attempts
from quintet.platform.confine.procfs import read_start
from quintet.platform.confine.seccomp import Listener, forbid_new_privileges, install

_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36
_STRAGGLERS_GRACE_S = 1.0
_PACKET_BYTES = 1 << 16
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


class AiIsGone(Exception):
    """Nobody wants to know the outcome any more."""


def main() -> None:
    """Supervise one command; the arguments are the two pipes' descriptors."""
    control, report = int(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(control, False)
    os.set_inheritable(report, False)
    # A Ctrl-C is for the command; this process has to see it through to the end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    link = Link(control, report)
    try:
        _supervise(link)
    except CannotSeal as error:
        link.tell("failed", what=error.what, why=error.why, hint=error.hint)
    except AiIsGone:
        sys.exit(1)


class Link:
    """The two pipes to `ai`."""

    def __init__(self, control: int, report: int) -> None:
        self.control = control
        self._report = report
        self._pending = b""

    def tell(self, event: str, **fields: Any) -> None:
        line = json.dumps({"event": event, **fields}).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._report, line) :]
        except BrokenPipeError as error:
            raise AiIsGone from error

    def hear(self) -> Any:
        """The next line from `ai`."""
        while b"\n" not in self._pending:
            piece = os.read(self.control, _PACKET_BYTES)
            if not piece:
                raise AiIsGone
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return json.loads(line)


def _supervise(link: Link) -> None:
    order = link.hear()
    machine = machine_here()
    targets = Targets(*order["targets"])
    outside = [outcome._asdict() for outcome in attempts(targets, machine, is_sealed=False)]
    link.tell("probed", outcomes=outside)
    link.hear()
    why_in_network = leave_the_network()
    deaf = [] if why_in_network else deaf_sockets()
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    forbid_new_privileges()
    # The filter holds this process too, so it must make no call that it would have to answer.
    listener = Listener(install(machine))
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        os.close(listener.fd)
        here.close()
        _become(order["command"], machine, targets, there)
    there.close()
    # Nobody who is sealed may rewrite the one who answers.
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    watch = Watch(link, here, pid, Answers(machine, listener, deaf))
    sealed = watch.until_sealed()
    link.tell("sealed", why_in_network=why_in_network, filter=fingerprint(machine), **sealed)
    link.hear()
    here.send(b"go")
    link.tell("ended", **watch.until_ended())


def _become(
    command: list[str], machine: Machine, targets: Targets, there: socket.socket
) -> NoReturn:
    """Seal this process the rest of the way, try to get out, and turn into the command."""
    try:
        die_with_parent()
        close_strange_descriptors(keep={there.fileno()})
        facts = {"dropped": drop_capabilities(machine), "landlock": restrict(machine)}
        there.send(json.dumps(facts).encode())
        for outcome in attempts(targets, machine, is_sealed=True):
            there.send(json.dumps(outcome._asdict()).encode())
        there.send(b"{}")
        if there.recv(16) != b"go":
            os._exit(1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(command[0], command)
    except CannotSeal as error:
        there.send(json.dumps({"failed": [error.what, error.why, error.hint]}).encode())
    except OSError as error:
        there.send(json.dumps({"unstarted": error.strerror}).encode())
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE)
    finally:
        os._exit(1)


class Watch:
    """Serves the kernel's questions while it waits for messages and for the end."""

    def __init__(self, link: Link, here: socket.socket, pid: int, answers: Answers) -> None:
        self._link = link
        self._here = here
        self._pid = pid
        self._answers = answers
        self._status: int | None = None
        self._unstarted = ""
        self._woken, waker = os.pipe()
        os.set_blocking(waker, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        self._poll = select.poll()
        for fd in (answers.fd, here.fileno(), link.control, self._woken):
            self._poll.register(fd, select.POLLIN)

    def until_sealed(self) -> dict[str, Any]:
        """Hear from the child that it is sealed, then how each probe went and what we saw of it."""
        facts = _message(self._next_packet())
        outcomes: list[dict[str, Any]] = []
        while outcome := _message(self._next_packet()):
            # The child was held during each call, so everything about this probe is in by now.
            outcomes.append({**outcome, "noticed": bool(self._answers.ledger.take()["entries"])})
        return {**facts, "outcomes": outcomes}

    def until_ended(self) -> dict[str, Any]:
        """Serve until the command and all that it left running are gone."""
        self._poll.unregister(self._here.fileno())
        while self._status is None:
            self._serve(None)
        deadline_s = time.monotonic() + _STRAGGLERS_GRACE_S
        while _children() and (left_s := deadline_s - time.monotonic()) > 0:
            self._serve(min(left_s, 0.05))
        ended = _end_children(self._reap)
        return {
            "status": os.waitstatus_to_exitcode(self._status),
            "unstarted": self._unstarted,
            "stragglers": ended,
            **self._answers.ledger.take(),
        }

    def _next_packet(self) -> bytes:
        while self._here.fileno() not in self._serve(None):
            pass
        packet = self._here.recv(_PACKET_BYTES)
        if not packet:
            raise CannotSeal("the command ended before it was sealed")
        return packet

    def _serve(self, timeout_s: float | None) -> dict[int, int]:
        """Wait for anything to happen, answer one held call if there is one, reap the dead."""
        ready = dict(self._poll.poll(None if timeout_s is None else timeout_s * 1000))
        if self._here.fileno() in ready:
            # A message about one probe was sent before the next one's call, and is read before.
            return ready
        if ready.get(self._answers.fd, 0) & select.POLLIN:
            self._answers.answer_next()
        if ready.get(self._link.control, 0) & (select.POLLHUP | select.POLLERR):
            _end_children(self._reap)
            raise AiIsGone
        if self._woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._woken, 4096)
            self._reap()
        return ready

    def _reap(self) -> None:
        """Collect every child that has ended, and the command's own status among them."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self._pid:
                    self._status = status
                    self._read_last_words()

    def _read_last_words(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            words = json.loads(self._here.recv(_PACKET_BYTES, socket.MSG_DONTWAIT))
            self._unstarted = words.get("unstarted", "")


def _message(packet: bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(packet or b'{"failed": ["the command was not sealed"]}')
    if "failed" in message:
        what, why, hint = [*message["failed"], "", ""][:3]
        raise CannotSeal(what, why=why, hint=hint)
    return message


def _end_children(reap: Any) -> int:
    """Kill what is still running below this process, and count it."""
    ended: set[int] = set()
    reap()
    while children := _children():
        for pid in children:
            ended.add(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # Their own children come to this process as soon as they are gone.
        time.sleep(0.005)
        reap()
    return len(ended)


def _children() -> list[int]:
    try:
        return [int(pid) for pid in read_start("/proc/thread-self/children", 1 << 16).split()]
    except OSError:
        return [pid for pid in _processes() if _parent_of(pid) == os.getpid()]


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent_of(pid: int) -> int:
    """For kernels that do not list children; the name in front may contain anything."""
    try:
        return int(read_start(f"/proc/{pid}/stat").rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    main()

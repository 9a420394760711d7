"""Puts the filter on this process and answers for the calls that it holds back.

A call that the filter does not let through stops in the kernel until the supervisor answers. It is
answered with an error, with a lie, or with a decoy. Only messages on sockets that lead nowhere may
go on, for no argument could make them dangerous: what a process says in memory may change between
our look at it and the kernel's. Should the supervisor die, every held call fails.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import struct
from typing import NamedTuple

from quintet.platform.confine.filter import encoded, program
from quintet.platform.confine.machine import CannotSeal, Machine

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_NEW_LISTENER, _WAIT_KILLABLE = 1 << 3, 1 << 5

# struct seccomp_notif, seccomp_notif_resp and seccomp_notif_addfd
_NOTICE = struct.Struct("<QIIiIQ6Q")
_REPLY = struct.Struct("<QqiI")
_HAND_OVER = struct.Struct("<QIIII")
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_IS_VALID, _ADD_FD = 0x40082102, 0x40182103
_GO_ON = 1
_AT_THIS_NUMBER = 1


class Notice(NamedTuple):
    """A system call that waits for an answer. `pid` is the thread that made it."""

    id: int
    pid: int
    call: int
    arch: int
    arguments: tuple[int, ...]


def forbid_new_privileges() -> None:
    """From now on nothing that this process runs gains rights by being run."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise CannotSeal("the kernel does not offer no_new_privs", why=_last_error())


def install(machine: Machine) -> int:
    """Filter this thread and all that it starts from now on, for ever. The listener comes back."""
    libc = ctypes.CDLL(None, use_errno=True)
    instructions = program(machine)
    code = ctypes.create_string_buffer(encoded(instructions))
    header = ctypes.create_string_buffer(
        struct.pack("<HxxxxxxQ", len(instructions), ctypes.addressof(code))
    )
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):
        listener: int = libc.syscall(
            machine.calls["seccomp"], _SET_MODE_FILTER, flags, ctypes.byref(header)
        )
        if listener >= 0:
            return listener
        if ctypes.get_errno() != errno.EINVAL:
            break
    raise CannotSeal("the kernel did not accept the seal", why=_refusal())


class Listener:
    """The supervisor's end: hands out held calls one by one and takes the answers."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def receive(self) -> Notice | None:
        """The next held call; None if its process was killed meanwhile."""
        buffer = bytearray(_NOTICE.size)
        try:
            fcntl.ioctl(self.fd, _RECEIVE, buffer)
        except (FileNotFoundError, InterruptedError):
            return None
        id, pid, _flags, call, arch, _at, *arguments = _NOTICE.unpack(buffer)
        return Notice(id, pid, call, arch, tuple(arguments))

    def still_waits(self, notice: Notice) -> bool:
        """Whether what was read about the process since `receive` was really read from it."""
        try:
            fcntl.ioctl(self.fd, _IS_VALID, struct.pack("<Q", notice.id))
        except OSError:
            return False
        return True

    def refuse(self, notice: Notice, error: int) -> None:
        """The call fails with this error number."""
        self._reply(_REPLY.pack(notice.id, 0, -error, 0))

    def pretend(self, notice: Notice) -> None:
        """The call seems to succeed; nothing was done."""
        self._reply(_REPLY.pack(notice.id, 0, 0, 0))

    def let_go_on(self, notice: Notice) -> None:
        """The call is made after all. Only for calls that are harmless with any arguments."""
        self._reply(_REPLY.pack(notice.id, 0, 0, _GO_ON))

    def hand_over(self, notice: Notice, fd: int, *, close_on_exec: bool) -> bool:
        """The call gives a copy of this descriptor; False where the kernel cannot do that."""
        flags = os.O_CLOEXEC if close_on_exec else 0
        try:
            # Not with the flag that answers in the same step: the kernel may restart this call, and
            # the second time it would find the answer given.
            theirs = self._add(_HAND_OVER.pack(notice.id, 0, fd, 0, flags))
        except OSError as error:
            return error.errno == errno.ENOENT
        self._reply(_REPLY.pack(notice.id, theirs, 0, 0))
        return True

    def put_in_place(self, notice: Notice, fd: int, place: int, *, close_on_exec: bool) -> bool:
        """The call succeeds, and a copy of `fd` stands where the process had another descriptor."""
        flags = os.O_CLOEXEC if close_on_exec else 0
        try:
            self._add(_HAND_OVER.pack(notice.id, _AT_THIS_NUMBER, fd, place, flags))
        except OSError as error:
            return error.errno == errno.ENOENT
        self.pretend(notice)
        return True

    def _add(self, request: bytes) -> int:
        return fcntl.ioctl(self.fd, _ADD_FD, bytearray(request))

    def _reply(self, reply: bytes) -> None:
        # The process may be gone by now, and with it the need for an answer.
        with contextlib.suppress(FileNotFoundError):
            fcntl.ioctl(self.fd, _SEND, bytearray(reply))


def _last_error() -> str:
    return os.strerror(ctypes.get_errno())


def _refusal() -> str:
    reasons = {
        errno.EBUSY: "this process is already inside a seal of this kind",
        errno.EINVAL: "it is older than 5.0, or built without seccomp notifications",
        errno.ENOSYS: "it has no seccomp, or a container hides it",
        errno.EPERM: "a container does not allow it",
    }
    return reasons.get(ctypes.get_errno(), _last_error())

"""What a process can lay down before it is sealed: capabilities, the shared network, old sockets.

All of it works for an ordinary user where the kernel lets ordinary users do it; what could not be
done is returned and ends up in the certificate, unless it would leave the seal open.
"""

import contextlib
import ctypes
import errno
import os
import stat
import struct
from collections.abc import Collection

from quintet.platform.confine.machine import CannotSeal, Machine
from quintet.platform.confine.procfs import identity, read_start, write_whole

_PR_SET_DEATH_SIGNAL, _PR_CAP_IN_BOUNDS, _PR_DROP_CAP = 1, 23, 24
_SIGKILL = 9
_CAP_VERSION_3 = 0x20080522
# Each of these reaches a network or the kernel itself without a socket.
DROPPED_CAPABILITIES = {
    "NET_BIND_SERVICE": 10,
    "NET_BROADCAST": 11,
    "NET_ADMIN": 12,
    "NET_RAW": 13,
    "SYS_MODULE": 16,
    "SYS_RAWIO": 17,
    "SYS_PTRACE": 19,
    "SYS_ADMIN": 21,
    "SYS_BOOT": 22,
    "SYS_TTY_CONFIG": 26,
    "MKNOD": 27,
    "PERFMON": 38,
    "BPF": 39,
    "CHECKPOINT_RESTORE": 40,
}
_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000


def die_with_parent() -> None:
    """This process is killed when the thread that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_DEATH_SIGNAL, _SIGKILL, 0, 0, 0)


def drop_capabilities(machine: Machine) -> list[str]:
    """Give up every capability that could undo the seal, for this process and all its children.

    Raises `CannotSeal` if one of them stays. Nothing happens where there are none, as for users.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    held = [
        name
        for name, number in DROPPED_CAPABILITIES.items()
        if libc.prctl(_PR_CAP_IN_BOUNDS, number, 0, 0, 0) == 1
    ]
    if os.geteuid() != 0 and not _effective_capabilities():
        # Running a program cannot bring them back once no_new_privs is set.
        return []
    for name in held:
        if libc.prctl(_PR_DROP_CAP, DROPPED_CAPABILITIES[name], 0, 0, 0):
            raise CannotSeal(
                "the rights of root could not be laid down",
                why=f"CAP_{name} stays: {os.strerror(ctypes.get_errno())}",
                hint="run it as an ordinary user",
            )
    _lower_own_sets(libc, machine)
    return held


def leave_the_network() -> str:
    """Move this process into a network of its own that leads nowhere. Why not, if it could not."""
    # Some systems allow the first step and forbid the second: try on somebody expendable.
    pid = os.fork()
    if pid == 0:
        os._exit(_move_to_empty_network())
    error = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) or _move_to_empty_network()
    return os.strerror(error) if error > 0 else ""


def _move_to_empty_network() -> int:
    """The error number of the step that failed; 0 if none did."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_NET | _NEW_IPC) == 0:
        return 0
    if libc.unshare(_NEW_USER | _NEW_NET | _NEW_IPC):
        return ctypes.get_errno()
    try:
        write_whole("/proc/self/setgroups", "deny")
        # Inside, everybody is still who they were.
        write_whole("/proc/self/gid_map", f"{gid} {gid} 1")
        write_whole("/proc/self/uid_map", f"{uid} {uid} 1")
    except OSError as error:
        return error.errno or errno.EPERM
    return 0


def close_strange_descriptors(keep: Collection[int]) -> None:
    """Close everything inherited but plain files and pipes: a socket needs no permission to use.

    Standard input, output and error must not be sockets either; raises `CannotSeal` if one is.
    """
    for fd in _open_descriptors():
        if fd in keep:
            continue
        with contextlib.suppress(OSError):
            kind = stat.S_IFMT(os.fstat(fd).st_mode)
            if fd <= 2:
                if kind == stat.S_IFSOCK:
                    raise CannotSeal(f"descriptor {fd} is a socket, which would lead outside")
            elif kind not in (stat.S_IFIFO, stat.S_IFREG) or _is_kernel_file(fd):
                os.close(fd)


def _open_descriptors() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return list(range(os.sysconf("SC_OPEN_MAX")))


def _is_kernel_file(fd: int) -> bool:
    """Whether this is a file of /proc, such as another process's memory."""
    try:
        return os.fstat(fd).st_dev == identity("/proc/self/status")[0]
    except OSError:
        return False


def _effective_capabilities() -> int:
    try:
        status = read_start("/proc/self/status").decode()
    except OSError:
        return 1
    line = next((line for line in status.splitlines() if line.startswith("CapEff:")), "CapEff: 1")
    return int(line.split()[1], 16)


def _lower_own_sets(libc: ctypes.CDLL, machine: Machine) -> None:
    """Take the dropped ones out of this process's own three sets, which it still has."""
    header = struct.pack("<Ii", _CAP_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    libc.capget(header, data)
    words = list(struct.unpack("<6I", data.raw))
    for number in DROPPED_CAPABILITIES.values():
        word, bit = divmod(number, 32)
        for index in range(3):
            words[3 * word + index] &= ~(1 << bit) & 0xFFFFFFFF
    if libc.syscall(machine.calls["capset"], header, struct.pack("<6I", *words)):
        raise CannotSeal(
            "the rights of root could not be laid down", why=os.strerror(ctypes.get_errno())
        )

"""Landlock closes what seccomp cannot see: other processes' memory, reached through files.

A process in a Landlock domain may not look into processes outside of it, be it by `ptrace` or by
`/proc/<pid>/mem`. Newer kernels also keep it from signalling them, from abstract Unix sockets and
from TCP, which seccomp denies too. Files stay as they are.
"""

import ctypes
import os
import struct

from quintet.platform.confine.machine import Machine

_VERSION = 1
_PATH_BENEATH = 1
_MAKE_SOCKET, _REFER = 1 << 9, 1 << 13
_BIND_TCP, _CONNECT_TCP = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2
# The first version needs every move between folders denied, which would break honest programs.
OLDEST_USABLE = 2


def version(machine: Machine) -> int:
    """The version of Landlock in this kernel; 0 where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    found: int = libc.syscall(machine.calls["landlock_create_ruleset"], None, 0, _VERSION)
    return max(found, 0)


def ruleset(version: int) -> bytes:
    """What is denied at each version: `struct landlock_ruleset_attr`, as long as that one knows."""
    if version < 4:
        # No network rules yet, and a ruleset must deny something: socket files will do.
        return struct.pack("<Q", _MAKE_SOCKET | _REFER)
    if version < 6:
        return struct.pack("<QQ", 0, _BIND_TCP | _CONNECT_TCP)
    return struct.pack("<QQQ", 0, _BIND_TCP | _CONNECT_TCP, _ABSTRACT_SOCKETS | _SIGNALS)


def restrict(machine: Machine) -> int:
    """Put this process into a domain of its own, for ever. The version used, 0 if there was none.

    It needs `no_new_privs` first.
    """
    found = version(machine)
    if found < OLDEST_USABLE:
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = ruleset(found)
    fd: int = libc.syscall(machine.calls["landlock_create_ruleset"], attributes, len(attributes), 0)
    if fd < 0:
        return 0
    try:
        if found < 4:
            _allow_moves(libc, machine, fd)
        failed = libc.syscall(machine.calls["landlock_restrict_self"], fd, 0)
    finally:
        os.close(fd)
    return 0 if failed else found


def _allow_moves(libc: ctypes.CDLL, machine: Machine, ruleset_fd: int) -> None:
    root = os.open("/", os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("<Qi", _REFER, root)
        libc.syscall(machine.calls["landlock_add_rule"], ruleset_fd, _PATH_BENEATH, rule, 0)
    finally:
        os.close(root)

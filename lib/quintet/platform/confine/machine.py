"""The numbers by which each kind of processor knows its system calls.

Only little-endian machines with one native 64-bit interface are listed; on any other one nothing
can be sealed, and callers are told so.
"""

from typing import NamedTuple

from quintet.errors import Kind, QuintetError


class CannotSeal(QuintetError):
    """This machine's kernel cannot keep a process from the network."""

    kind = Kind.UNAVAILABLE
    code = "confine.cannot_seal"


# The last system call that was looked at for this filter, Linux 6.18's; they are numbered alike.
LAST_KNOWN_CALL = 469
# The x32 interface shares the mark of x86_64 and sets this bit in every number.
X32_BIT = 0x40000000


class Machine(NamedTuple):
    """One processor: its mark in seccomp data, and the numbers of the calls that matter here."""

    name: str
    audit_arch: int
    calls: dict[str, int]


X86_64 = Machine(
    name="x86_64",
    audit_arch=0xC000003E,
    calls={
        "ioctl": 16,
        "socket": 41,
        "connect": 42,
        "sendto": 44,
        "sendmsg": 46,
        "bind": 49,
        "listen": 50,
        "socketpair": 53,
        "setsockopt": 54,
        "msgget": 68,
        "ptrace": 101,
        "capset": 126,
        "mq_open": 240,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "sendmmsg": 307,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "seccomp": 317,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "pidfd_getfd": 438,
        "landlock_create_ruleset": 444,
        "landlock_add_rule": 445,
        "landlock_restrict_self": 446,
    },
)

AARCH64 = Machine(
    name="aarch64",
    audit_arch=0xC00000B7,
    calls={
        "ioctl": 29,
        "capset": 91,
        "ptrace": 117,
        "mq_open": 180,
        "msgget": 186,
        "socket": 198,
        "socketpair": 199,
        "bind": 200,
        "listen": 201,
        "connect": 203,
        "sendto": 206,
        "setsockopt": 208,
        "sendmsg": 211,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "sendmmsg": 269,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "seccomp": 277,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "pidfd_getfd": 438,
        "landlock_create_ruleset": 444,
        "landlock_add_rule": 445,
        "landlock_restrict_self": 446,
    },
)

MACHINES = {machine.name: machine for machine in (X86_64, AARCH64)}


def machine_here() -> Machine:
    """The machine that this process runs on; raises `CannotSeal` where sealing is not known."""
    import os
    import sys

    name = os.uname().machine
    if sys.platform != "linux" or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        raise CannotSeal(
            "the network cannot be denied by the kernel here",
            why="that needs Linux with seccomp in a 64-bit process",
        )
    if name not in MACHINES:
        raise CannotSeal(
            "the network cannot be denied by the kernel here",
            why=f"the system calls of {name} are not known to ai, only those of "
            f"{' and '.join(MACHINES)}",
        )
    return MACHINES[name]

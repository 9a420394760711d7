"""The seccomp program: which system calls a sealed process may make by itself.

It is written for the kernel's small virtual machine (classic BPF). What could reach beyond the
sealed processes, or tries to, is held for the supervisor; all else runs at full speed. What it
leaves open, and why that is harmless, stands in docs/prove-offline.md.
"""

import struct
from hashlib import sha256

from quintet.platform.confine.machine import LAST_KNOWN_CALL, Machine

ALLOW = 0x7FFF0000
ASK_SUPERVISOR = 0x7FC00000

AF_UNIX = 1
SOCK_STREAM, SOCK_SEQPACKET = 1, 5
_SOCK_TYPE_MASK = 0xF
SOL_SOCKET = 1
# Typing into the terminal on the user's behalf, and pasting the console's selection into it.
TIOCSTI, TIOCLINUX = 0x5412, 0x541C

# Held whatever the arguments.
ALWAYS_HELD = (
    "connect",
    "sendmsg",
    "sendmmsg",
    "bind",
    "listen",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "request_key",
    "add_key",
    "keyctl",
    "mq_open",
    "msgget",
)

_LOAD, _AND = 0x20, 0x54
_IF_EQUAL, _IF_GREATER = 0x15, 0x25
_RETURN = 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16

Instruction = tuple[int, int, int, int]


def program(machine: Machine) -> list[Instruction]:
    """The instructions for one machine: (operation, jump if true, jump if false, operand)."""
    calls = machine.calls
    steps = _only_known_calls(machine)
    for name in ALWAYS_HELD:
        steps += _when(calls[name], [(_RETURN, 0, 0, ASK_SUPERVISOR)])
    for name in ("socket", "socketpair"):
        steps += _when(calls[name], _inert_unix_sockets())
    steps += _when(calls["sendto"], _without_address())
    steps += _when(calls["setsockopt"], _unless_low_word(1, (SOL_SOCKET,), ALLOW, ASK_SUPERVISOR))
    steps += _when(calls["ioctl"], _unless_low_word(1, (TIOCSTI, TIOCLINUX), ASK_SUPERVISOR, ALLOW))
    return [*steps, (_RETURN, 0, 0, ALLOW)]


def encoded(instructions: list[Instruction]) -> bytes:
    """The program as the kernel reads it: an array of `struct sock_filter`."""
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)


def fingerprint(machine: Machine) -> str:
    """SHA-256 over the program, to tell in a certificate which one it was."""
    return sha256(encoded(program(machine))).hexdigest()


def _only_known_calls(machine: Machine) -> list[Instruction]:
    """Leave with the call's number loaded, if it means here what this program takes it for.

    32-bit calls carry another mark, x32 calls a high bit, and calls that a newer kernel invents
    have numbers that nobody has looked at yet.
    """
    return [
        (_LOAD, 0, 0, _ARCH_AT),
        (_IF_EQUAL, 1, 0, machine.audit_arch),
        (_RETURN, 0, 0, ASK_SUPERVISOR),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_GREATER, 0, 1, LAST_KNOWN_CALL),
        (_RETURN, 0, 0, ASK_SUPERVISOR),
    ]


def _when(number: int, block: list[Instruction]) -> list[Instruction]:
    """Run a block, which must always return, for this call alone."""
    return [(_IF_EQUAL, 0, len(block), number), *block]


def _inert_unix_sockets() -> list[Instruction]:
    """Only kinds of local socket that can do nothing until `connect` or `bind`, or are paired.

    Datagram sockets are not among them: they may be sent to any path with an address that lies in
    memory, where this program cannot see it.
    """
    return [
        (_LOAD, 0, 0, _argument(0)),
        (_IF_EQUAL, 1, 0, AF_UNIX),
        (_RETURN, 0, 0, ASK_SUPERVISOR),
        (_LOAD, 0, 0, _argument(1)),
        (_AND, 0, 0, _SOCK_TYPE_MASK),
        (_IF_EQUAL, 2, 0, SOCK_STREAM),
        (_IF_EQUAL, 1, 0, SOCK_SEQPACKET),
        (_RETURN, 0, 0, ASK_SUPERVISOR),
        (_RETURN, 0, 0, ALLOW),
    ]


def _without_address() -> list[Instruction]:
    """`sendto` is `send` when its address is null, which takes both halves of the pointer."""
    return [
        (_LOAD, 0, 0, _argument(4)),
        (_IF_EQUAL, 0, 2, 0),
        (_LOAD, 0, 0, _argument(4) + 4),
        (_IF_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, ASK_SUPERVISOR),
        (_RETURN, 0, 0, ALLOW),
    ]


def _unless_low_word(
    index: int, words: tuple[int, ...], listed: int, otherwise: int
) -> list[Instruction]:
    """Answer by the low half of an argument, which is all that the kernel reads of an `int`."""
    tests = [(_IF_EQUAL, len(words) - n, 0, word) for n, word in enumerate(words)]
    return [
        (_LOAD, 0, 0, _argument(index)),
        *tests,
        (_RETURN, 0, 0, otherwise),
        (_RETURN, 0, 0, listed),
    ]


def _argument(index: int) -> int:
    """Where the low half of an argument lies, on a little-endian machine."""
    return _ARGUMENTS_AT + 8 * index

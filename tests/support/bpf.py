"""The kernel's filter machine in a few lines, to ask a seccomp program about any call there is."""

import struct
from collections.abc import Sequence

Instruction = tuple[int, int, int, int]


def verdict(
    program: Sequence[Instruction], *, arch: int, call: int, arguments: Sequence[int] = ()
) -> int:
    """What the program returns for one system call."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    words = [argument & 0xFFFFFFFFFFFFFFFF for argument in padded]
    data = struct.pack("<IIQ6Q", call & 0xFFFFFFFF, arch, 0, *words)
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, operand)
            case 0x54:
                accumulator &= operand
            case 0x15:
                at += if_true if accumulator == operand else if_false
            case 0x25:
                at += if_true if accumulator > operand else if_false
            case 0x06:
                return operand
            case _:
                raise AssertionError(f"the kernel would refuse operation {code:#x}")

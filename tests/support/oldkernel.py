"""Runs a command as if the kernel lacked certain system calls: `python oldkernel.py 444,445 cmd…`.

A filter that answers "no such call" is all that it takes to stand on an older kernel, or in a
container whose profile forbids them.
"""

import ctypes
import os
import struct
import sys

_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | 38


def hide(calls: list[int]) -> None:
    """From now on these calls do not exist for this process and all that it starts."""
    steps = [(_LOAD, 0, 0, 0)]
    for call in calls:
        steps += [(_IF_EQUAL, 0, 1, call), (_RETURN, 0, 0, _NO_SUCH_CALL)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    header = struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_SET_SECCOMP, _FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "could not hide system calls")


if __name__ == "__main__":
    hide([int(number) for number in sys.argv[1].split(",")])
    os.execvp(sys.argv[2], sys.argv[2:])

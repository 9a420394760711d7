"""The Linux kernel's key store through its system calls: memory that no disk ever sees.

Keys go into the user's own keyring, which every login of this user shares. A process may use what
hangs there only when it possesses the keyring, so it is first linked into the process's own.
"""

import ctypes
import errno
import os
import platform
import sys

_NUMBERS = {"x86_64": (248, 250), "aarch64": (217, 219), "riscv64": (217, 219)}
_PROCESS_KEYRING = -2
_USER_KEYRING = -4
_UNLINK, _LINK, _SEARCH, _READ, _SET_TIMEOUT = 9, 8, 10, 11, 15
_KIND = b"user"
_LIMIT_BYTES = 4096


class KernelKeyring:
    """Small secrets by name. `OSError` means that the kernel or a sandbox forbids it."""

    def __init__(self) -> None:
        machine = platform.machine()
        if sys.platform != "linux" or machine not in _NUMBERS:
            raise OSError(errno.ENOSYS, "no kernel keyring here")
        self._add, self._control = _NUMBERS[machine]
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.syscall.restype = ctypes.c_long
        self._call(self._control, _LINK, _USER_KEYRING, _PROCESS_KEYRING)

    def put(self, name: str, secret: bytes, duration_s: int) -> None:
        """Keep a secret for this long; the kernel itself forgets it afterwards."""
        key = self._call(self._add, _KIND, name.encode(), secret, len(secret), _USER_KEYRING)
        self._call(self._control, _SET_TIMEOUT, key, duration_s)

    def get(self, name: str) -> bytes | None:
        key = self._find(name)
        if key is None:
            return None
        buffer = ctypes.create_string_buffer(_LIMIT_BYTES)
        size_bytes = self._call(self._control, _READ, key, buffer, _LIMIT_BYTES)
        return buffer.raw[: min(size_bytes, _LIMIT_BYTES)]

    def drop(self, name: str) -> None:
        key = self._find(name)
        if key is not None:
            self._call(self._control, _UNLINK, key, _USER_KEYRING)

    def _find(self, name: str) -> int | None:
        try:
            return self._call(self._control, _SEARCH, _USER_KEYRING, _KIND, name.encode(), 0)
        except OSError as error:
            if error.errno in (errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREVOKED):
                return None
            raise

    def _call(self, number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char]) -> int:
        words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
        result = int(self._libc.syscall(ctypes.c_long(number), *words))
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return result

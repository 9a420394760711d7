"""Where a desktop keeps secrets, behind a port: only backends that encrypt, and never a hang.

`keyring`'s own choice is not used. It takes whatever is installed or configured, and with
`keyrings.alt` that is a plain text file.
"""

import importlib
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from quintet.platform.keys.failures import SlotUnavailable

SERVICE = "ai"
BACKENDS = {
    "SecretService": "Keyring",
    "libsecret": "Keyring",
    "kwallet": "DBusKeyring",
    "macOS": "Keyring",
    "Windows": "WinVaultKeyring",
}


class Vault(Protocol):
    """Keeps secrets by name. Every call ends within a bound or raises `SlotUnavailable`."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, secret: str) -> None: ...

    def drop(self, name: str) -> None: ...


class NoVault:
    """A machine without a desktop."""

    def get(self, name: str) -> str | None:
        raise _unavailable("there is none here")

    def put(self, name: str, secret: str) -> None:
        raise _unavailable("there is none here")

    def drop(self, name: str) -> None:
        return


class MemoryVault:
    """A vault that forgets everything with its process."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self._secrets.get(name)

    def put(self, name: str, secret: str) -> None:
        self._secrets[name] = secret

    def drop(self, name: str) -> None:
        self._secrets.pop(name, None)


class DesktopVault:
    """The desktop's keyring, asked in a thread that is left behind when it does not answer."""

    def __init__(
        self, timeout_s: float = 5.0, find_backend: Callable[[], Any] | None = None
    ) -> None:
        self._timeout_s = timeout_s
        self._find_backend = find_backend or best_backend
        self._silent = False

    def get(self, name: str) -> str | None:
        return self._ask(lambda backend: backend.get_password(SERVICE, name))

    def put(self, name: str, secret: str) -> None:
        self._ask(lambda backend: backend.set_password(SERVICE, name, secret))

    def drop(self, name: str) -> None:
        self._ask(lambda backend: backend.delete_password(SERVICE, name))

    def _ask(self, call: Callable[[Any], Any]) -> Any:
        late = f"it did not answer within {self._timeout_s:g} s"
        if self._silent:
            raise _unavailable(late)
        answers: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put((call(self._find_backend()), None))
            except Exception as error:  # a backend may raise anything: it speaks to foreign daemons
                answers.put((None, error))

        threading.Thread(target=work, daemon=True).start()
        try:
            answer, error = answers.get(timeout=self._timeout_s)
        except queue.Empty:
            self._silent = True
            raise _unavailable(late) from None
        if isinstance(error, SlotUnavailable):
            raise error
        if error is not None:
            raise _unavailable(str(error) or type(error).__name__) from error
        return answer


def vault_for(env: Mapping[str, str], timeout_s: float) -> Vault:
    """The desktop's keyring, or nothing where the environment shows that no desktop is there."""
    if sys.platform == "linux" and not env.get("DBUS_SESSION_BUS_ADDRESS"):
        return NoVault()
    return DesktopVault(timeout_s)


def best_backend() -> Any:
    """The best backend of the allow-list that works here."""
    found: list[Any] = []
    for module, name in BACKENDS.items():
        try:
            backend = getattr(importlib.import_module(f"keyring.backends.{module}"), name)
        except (ImportError, AttributeError):
            continue
        if backend.viable:
            found.append(backend)
    if not found:
        raise _unavailable("no keyring runs here")
    return max(found, key=lambda each: each.priority)()


def _unavailable(why: str) -> SlotUnavailable:
    return SlotUnavailable("the desktop's keyring does not answer", why=why)

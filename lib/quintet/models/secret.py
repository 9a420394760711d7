"""Keys of model providers: named by where they lie, read when needed, never shown.

A key stands in no configuration file and on no command line. What is configured is a reference:
`env:NAME`, `file:/path` or `keyring:NAME`.
"""

import hmac
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from quintet.errors import UsageError
from quintet.models.port import LoginNeeded
from quintet.platform.files import explained, read_bytes
from quintet.platform.keys.slots.vault import Vault

SECRET_LIMIT_BYTES = 16_384


class BadReference(UsageError):
    """Text that does not say where a key lies, perhaps because it is the key itself."""

    code = "models.bad_key_reference"


class Secret:
    """A text that no log, traceback or dump shows; only `reveal` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    def __hash__(self) -> NoReturn:
        raise TypeError("a secret is no key of a dictionary")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


def read_secret(reference: str, env: Mapping[str, str], vault: Vault) -> Secret:
    """The key behind a reference, or `LoginNeeded` when there is none."""
    kind, _, name = reference.partition(":")
    match kind:
        case "env" if name:
            value = env.get(name, "")
        case "keyring" if name:
            value = vault.get(name) or ""
        case "file" if name:
            value = _read_file(Path(name).expanduser())
        case _:
            # The text may be a key that was pasted in the wrong place, so it is not repeated.
            raise BadReference(
                "the key's reference cannot be read",
                why="it is none of env:NAME, file:/path and keyring:NAME",
            )
    if not value:
        raise LoginNeeded(f"there is no key at {reference}", hint=_how_to_give(kind, name))
    return Secret(value)


def _how_to_give(kind: str, name: str) -> str:
    return {
        "env": f"read -rs {name} && export {name}",
        "file": f"(umask 077 && cat > {name})",
        "keyring": f"keyring set ai {name}",
    }[kind]


def _read_file(path: Path) -> str:
    with explained("read", path):
        mode = path.stat().st_mode
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        raise LoginNeeded(
            f"the key in {path} is not used",
            why="other users of this machine can read it",
            hint=f"chmod 600 '{path}'",
        )
    data = read_bytes(path, SECRET_LIMIT_BYTES)
    try:
        return data.decode().strip()
    except UnicodeDecodeError as error:
        raise LoginNeeded(f"the key in {path} is not text", why="it is not UTF-8") from error

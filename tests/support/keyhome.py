"""A keyset in a temporary home, with costs that a test can afford and people who answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quintet.platform.clock import FakeClock
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.keys.keyset import Keyset
from quintet.platform.keys.session import FileSession, Session
from quintet.platform.keys.slots.keyfile import KeyFile
from quintet.platform.keys.slots.passphrase import Cost, Passphrase
from quintet.platform.keys.slots.recovery import Recovery
from quintet.platform.keys.slots.vault import NoVault, Vault
from quintet.platform.keys.unlock import PassphraseSource, Unlocker
from quintet.platform.paths import Paths
from quintet.platform.rng import SystemRng

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)


class Person:
    """Sits at the terminal and gives these answers, one after the other."""

    def __init__(self, *answers: str | None) -> None:
        self._answers = list(answers)
        self.heard: list[str] = []

    def passphrase(self, why: str) -> str | None:
        self.heard.append(why)
        return self._answers.pop(0)


class KeyHome:
    """One home on disk; every `keyset()` is another process's view of it."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths.under(root)
        self.clock = FakeClock()
        self.path = self.paths.data_dir / "keys.json"
        self.copy = self.paths.data_dir / "keys.copy.json"
        self.key_file = self.paths.config_dir / "ai.key"

    def keyset(
        self,
        *,
        env: Mapping[str, str] | None = None,
        vault: Vault | None = None,
        session: Session | None = None,
        person: PassphraseSource | None = None,
        lock_timeout_s: float = 10.0,
    ) -> Keyset:
        unlocker = Unlocker(
            self.paths.config_dir,
            env or {},
            vault=vault or NoVault(),
            session=session or self.session(),
            passphrases=person,
            command_timeout_s=1.0,
        )
        return Keyset(
            self.paths,
            unlocker,
            clock=self.clock,
            rng=SystemRng(),
            lock_timeout_s=lock_timeout_s,
        )

    def session(self) -> FileSession:
        return FileSession(self.paths.runtime_dir, self.clock)

    def add_passphrase(self, text: str) -> None:
        self.keyset().add_slot(passphrase(text))

    def add_recovery(self) -> str:
        recovery = Recovery.new(SystemRng())
        self.keyset().add_slot(recovery)
        return recovery.printed()

    def add_key_file(self, path: Path, *groups: str) -> Path:
        self.keyset().add_slot(KeyFile(path, SystemRng()), groups=groups)
        return path

    def without_key_file(self) -> None:
        keyset = self.keyset()
        keyset.remove_slot(keyset.slot("made on first use").id)

    def rewrite(self, fields: dict[str, Any]) -> None:
        """What somebody does who changes the file on purpose and knows its checksum."""
        fields.pop("checksum", None)
        fields["checksum"] = digest_hex(canonical_json(fields))
        self.path.write_bytes(json.dumps(fields).encode())

    def fields(self) -> dict[str, Any]:
        return json.loads(self.path.read_bytes())


def passphrase(text: str) -> Passphrase:
    return Passphrase(text, SystemRng(), CHEAP)

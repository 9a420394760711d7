"""The order in which keys are looked for, and the words for when none is found.

What the user named comes first and alone: a key file or a command that was asked for and does not
work is an error, never a reason to look elsewhere. A person is asked last, and only where a
`PassphraseSource` says that one is there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from quintet.errors import QuintetError
from quintet.platform.files import explained
from quintet.platform.keys.contents import ANYTHING, Opened, open_slot, open_with_master
from quintet.platform.keys.creation import settle
from quintet.platform.keys.document import Document
from quintet.platform.keys.failures import KeysLocked, KeysTampered, SlotUnavailable, WrongKey
from quintet.platform.keys.opening import TYPED, open_text, open_typed
from quintet.platform.keys.session import NoSession, Session
from quintet.platform.keys.slots import keyfile, passphrase, recovery
from quintet.platform.keys.slots.command import TIMEOUT_S, output_of, text_of
from quintet.platform.keys.slots.credential import NAME, read_credential
from quintet.platform.keys.slots.keyring import Keyring
from quintet.platform.keys.slots.vault import NoVault, Vault
from quintet.platform.rng import SystemRng

KEY_FILE_NAME = "ai.key"
_ASK_TIMES = 3


class PassphraseSource(Protocol):
    """Asks the person at the terminal for a passphrase or a recovery code.

    `None` means that they do not want to. `why` tells what was wrong with the last answer.
    """

    def passphrase(self, why: str) -> str | None: ...


@dataclass(slots=True)
class Attempt:
    """One search for a key: what it is for, and what was tried without success."""

    document: Document
    group: str | None
    tried: list[str] = field(default_factory=list[str])

    def failed(self, way: str, why: str) -> None:
        self.tried.append(f"{way}: {why}")


Way = Callable[[Attempt], Opened | None]


@dataclass(frozen=True, slots=True)
class Unlocker:
    """Where this process may look for keys."""

    config_dir: Path
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    vault: Vault = field(default_factory=NoVault)
    session: Session = field(default_factory=NoSession)
    passphrases: PassphraseSource | None = None
    command_timeout_s: float = TIMEOUT_S

    def open(self, document: Document, group: str | None) -> Opened:
        """What opens this group, or with `None` the whole keyset; else `KeysLocked` at once."""
        attempt = Attempt(document, group)
        for way in self._named(), *self._unattended(), self._asking:
            opened = way(attempt)
            if opened is not None:
                return opened
        raise self._locked(attempt)

    def open_unattended(self, document: Document) -> Opened | None:
        """What opens, be it a part, with nobody there and no session: what a job at night meets."""
        attempt = Attempt(document, ANYTHING)
        for way in self._named(), self._by_key_file, self._by_keyring:
            opened = way(attempt)
            if opened is not None:
                return opened
        return None

    @property
    def key_file(self) -> Path:
        """Where the key file stands that needs no word from anybody."""
        return self.config_dir / KEY_FILE_NAME

    def _named(self) -> Way:
        if self.env.get("AI_KEY_FILE"):
            return self._by_named_file
        if self.env.get("AI_KEY_COMMAND"):
            return self._by_command
        return self._by_credential

    def _unattended(self) -> Iterator[Way]:
        yield self._by_session
        yield self._by_key_file
        yield self._by_keyring

    def _by_named_file(self, attempt: Attempt) -> Opened:
        path = Path(self.env["AI_KEY_FILE"]).expanduser()
        return self._alone(attempt, "AI_KEY_FILE", open_text(attempt.document, keyfile.read(path)))

    def _by_command(self, attempt: Attempt) -> Opened:
        output = output_of(self.env["AI_KEY_COMMAND"], self.command_timeout_s)
        if keyfile.MAGIC.encode() in output:
            opened = open_text(attempt.document, keyfile.parse(output, "the key command's output"))
        else:
            opened = open_typed(attempt.document, text_of(output))
        return self._alone(attempt, "AI_KEY_COMMAND", opened)

    def _by_credential(self, attempt: Attempt) -> Opened | None:
        text = read_credential(self.env)
        if text is None:
            attempt.failed("AI_KEY_FILE, AI_KEY_COMMAND, systemd credential", "none is set")
            return None
        opened = open_text(attempt.document, text)
        return self._alone(attempt, f"the systemd credential {NAME}", opened)

    def _alone(self, attempt: Attempt, way: str, opened: Opened) -> Opened:
        """A key that was named is the only one used, also when it opens too little."""
        if opened.opens(attempt.group):
            return replace(opened, way=way)
        attempt.failed(way, f"it opens no more than {', '.join(sorted(opened.rings))}")
        raise self._locked(attempt)

    def _by_session(self, attempt: Attempt) -> Opened | None:
        master = self.session.get(attempt.document.id)
        if master is None:
            attempt.failed("unlocked session", "there is none")
            return None
        try:
            contents = open_with_master(attempt.document, master)
        except KeysTampered:
            attempt.failed(
                "unlocked session",
                "it does not fit: the master key or the keyset was changed since",
            )
            return None
        return Opened("session", contents.rings, contents)

    def _by_key_file(self, attempt: Attempt) -> Opened | None:
        try:
            settle(self.key_file, attempt.document.id)
            with explained("look for", self.key_file):
                is_there = self.key_file.exists()
            if not is_there:
                attempt.failed(str(self.key_file), "no such file")
                return None
            opened = open_text(attempt.document, keyfile.read(self.key_file))
        except KeysTampered:
            raise
        except QuintetError as error:
            attempt.failed(str(self.key_file), str(error))
            return None
        if opened.opens(attempt.group):
            return opened
        attempt.failed(str(self.key_file), f"it opens no more than {', '.join(opened.rings)}")
        return None

    def _by_keyring(self, attempt: Attempt) -> Opened | None:
        slots = [slot for slot in attempt.document.slots if slot.kind == "keyring"]
        if not slots:
            attempt.failed("desktop keyring", "no slot of this keyset is kept there")
        opener = Keyring(self.vault, SystemRng())
        for slot in slots:
            try:
                secret = opener.secret(attempt.document.name_of(slot), slot.parameters)
                opened = open_slot(attempt.document, slot, secret)
            except (SlotUnavailable, WrongKey) as error:
                attempt.failed("desktop keyring", str(error))
                continue
            if opened.opens(attempt.group):
                return opened
            attempt.failed("desktop keyring", f"it opens no more than {', '.join(opened.rings)}")
        return None

    def _asking(self, attempt: Attempt) -> Opened | None:
        typed = [slot for slot in attempt.document.slots if slot.kind in TYPED]
        if self.passphrases is None:
            attempt.failed("asking you", "there is no terminal, or --no-input was given")
            return None
        if not typed:
            attempt.failed("asking you", "no slot has a passphrase or a recovery code")
            return None
        why = ""
        for _ in range(_ASK_TIMES):
            text = self.passphrases.passphrase(why)
            if text is None:
                attempt.failed("asking you", "you gave no answer")
                return None
            try:
                opened = open_typed(attempt.document, text)
            except (WrongKey, recovery.RecoveryTypo, passphrase.PassphraseRefused) as error:
                why = str(error)
                continue
            if opened.opens(attempt.group):
                return opened
            why = f"that opens no more than {', '.join(opened.rings)}"
        raise WrongKey("the keys stay locked", why=f"{_ASK_TIMES} answers were wrong")

    def _locked(self, attempt: Attempt) -> KeysLocked:
        wanted = f"the data of {attempt.group}" if attempt.group else "the whole keyset"
        kinds = {slot.kind for slot in attempt.document.slots}
        hints = ["AI_KEY_FILE=/path/to/key ai …"]
        if kinds & TYPED:
            hints.insert(0, "ai key unlock --for 8h")
        return KeysLocked(
            f"the keys are locked, and {wanted} needs them",
            why="; ".join(attempt.tried),
            hint=" or ".join(hints),
            details={"tried": attempt.tried, "slots": sorted(kinds)},
        )

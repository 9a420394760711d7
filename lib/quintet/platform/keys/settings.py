"""What a person may tune about keys. No setting holds a key, or a command that brings one."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeySettings:
    """How long to wait for the places that keys come from."""

    keyring: bool = field(
        default=True,
        metadata={"help": "look for keys in the desktop's keyring, and keep one there"},
    )
    keyring_timeout_s: float = field(
        default=5.0, metadata={"help": "give up on a keyring that does not answer", "min": 0.1}
    )
    command_timeout_s: float = field(
        default=30.0, metadata={"help": "give up on a silent AI_KEY_COMMAND", "min": 0.1}
    )

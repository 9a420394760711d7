"""What a user may set about models."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """No key stands here: a reference says where it lies (env:NAME, file:/path, keyring:NAME)."""

    default: str = field(
        default="",
        metadata={"help": "The model that is used where none is named: a name or a spec."},
    )
    replay_from: str = field(
        default="",
        metadata={
            "help": "A tape: whatever model is named, this file answers, and nothing is asked."
        },
    )
    embedder: str = field(
        default="static",
        metadata={"help": "What turns texts into vectors: static, or gguf:NAME of a model."},
    )
    openai_key: str = field(
        default="env:OPENAI_API_KEY",
        metadata={"help": "Where the key for api.openai.com lies."},
    )
    anthropic_key: str = field(
        default="env:ANTHROPIC_API_KEY",
        metadata={"help": "Where the key for api.anthropic.com lies."},
    )
    keys: Mapping[str, str] = field(
        default_factory=dict[str, str],
        metadata={"help": "Where the keys of other servers lie, by host and port."},
    )
    allow_unpriced: bool = field(
        default=False,
        metadata={"help": "Let models be used whose price is not known; they count as free."},
    )
    context_tokens: int = field(
        default=4096,
        metadata={"help": "Room for a conversation with a local model, in tokens.", "min": 256},
    )
    threads: int = field(
        default=0,
        metadata={"help": "Threads for a local model; 0 chooses by its size.", "min": 0},
    )
    timeout_s: float = field(
        default=600.0,
        metadata={"help": "Longest time for one call of a model, in seconds.", "min": 1},
    )

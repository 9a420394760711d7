"""How much memory a model will take, told from its header before anything is loaded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.models.gguf import GgufHeader

# A cached value is a 16-bit float for keys and values alike.
_CACHED_BYTES = 2
_BATCH_TOKENS = 512
# The process itself with its interpreter and native library, as measured with either runtime.
_RUNTIME_BYTES = 52 << 20
_UNLIMITED_BYTES = 1 << 60


class DoesNotFit(QuintetError):
    """Loading the model would push this machine into swapping, or worse."""

    kind = Kind.UNAVAILABLE
    code = "models.does_not_fit"


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes by what they are for; weights are mapped from the file, the rest is allocated."""

    weights_bytes: int
    cache_bytes: int
    compute_bytes: int

    @property
    def total_bytes(self) -> int:
        return self.weights_bytes + self.cache_bytes + self.compute_bytes


def estimate(header: GgufHeader, context_tokens: int) -> MemoryEstimate:
    """What the model takes with room for a conversation of this many tokens."""
    width = header.of_architecture("embedding_length")
    logits = _BATCH_TOKENS * header.vocabulary_size * 4
    widest = max(width, header.of_architecture("feed_forward_length"))
    activations = _BATCH_TOKENS * (2 * width + 2 * widest) * 4
    return MemoryEstimate(
        weights_bytes=header.weights_bytes,
        cache_bytes=context_tokens * _cached_bytes_per_token(header),
        compute_bytes=_RUNTIME_BYTES + logits + activations,
    )


def _cached_bytes_per_token(header: GgufHeader) -> int:
    """Keys and values of one token in all layers; models that share heads keep fewer of them."""
    heads = max(1, header.of_architecture("attention.head_count", 1))
    head_size = header.of_architecture("embedding_length") // heads
    keys = header.of_architecture("attention.key_length") or head_size
    values = header.of_architecture("attention.value_length") or head_size
    return _cached_heads(header, heads) * (keys + values) * _CACHED_BYTES


def _cached_heads(header: GgufHeader, heads: int) -> int:
    """Over all layers: one number for each, or the same for all."""
    listed = header.metadata.get(f"{header.architecture}.attention.head_count_kv")
    if isinstance(listed, list):
        counts = cast("list[Any]", listed)
        return sum(count for count in counts if isinstance(count, int) and count > 0)
    each = header.of_architecture("attention.head_count_kv") or heads
    return each * header.of_architecture("block_count")


def require_fit(needed: MemoryEstimate, available_bytes: int, name: str) -> None:
    """Raise `DoesNotFit` where the model would take more than there is."""
    if needed.total_bytes > available_bytes:
        raise DoesNotFit(
            f"{name} does not fit into memory",
            why=(
                f"it needs {in_gib(needed.total_bytes)}: {in_gib(needed.weights_bytes)} weights, "
                f"{in_gib(needed.cache_bytes)} conversation; {in_gib(available_bytes)} is available"
            ),
            hint="choose a smaller model or quantisation: ai edge fit",
            details={"needed_bytes": needed.total_bytes, "available_bytes": available_bytes},
        )


def in_gib(size_bytes: int) -> str:
    return (
        f"{size_bytes / (1 << 30):.1f} GiB"
        if size_bytes >= 100 << 20
        else f"{size_bytes >> 20} MiB"
    )


def available_bytes(root: Path = Path("/")) -> int:
    """Memory that a new process can take: what is free or can be freed, within our own limit.

    Where the system does not tell (it is not Linux), there is no limit to check against.
    """
    free = _field_bytes(root / "proc/meminfo", "MemAvailable:")
    limit = _number(root / "sys/fs/cgroup/memory.max")
    used = _number(root / "sys/fs/cgroup/memory.current")
    left = max(0, limit - used) if limit is not None and used is not None else _UNLIMITED_BYTES
    return min(_UNLIMITED_BYTES if free is None else free, left)


def _field_bytes(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if words[:1] == [name] and len(words) > 1 and words[1].isdecimal():
            return int(words[1]) * 1024
    return None


def _number(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None

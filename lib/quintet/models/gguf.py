"""What a GGUF file says about itself, read in milliseconds and without trusting a byte of it.

Model files come from strangers and are handed to C code that ends the process, or worse, over a
malformed one. So each is read here first: nothing is allocated by a number that the file names,
and a header that passes describes tensors which really lie inside the file.
"""

import mmap
import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from quintet.errors import Kind, QuintetError
from quintet.models.gguf_types import FILE_TYPES, TENSOR_TYPES
from quintet.platform.files import explained

MAGIC = b"GGUF"
VERSIONS = (2, 3)
HEADER_LIMIT_BYTES = 64 << 20
ENTRY_LIMIT = 100_000
TENSOR_LIMIT = 200_000
NAME_LIMIT_BYTES = 65_535
TEXT_LIMIT_BYTES = 16 << 20
DIMENSION_LIMIT = 4
ELEMENT_LIMIT = 1 << 50
ALIGNMENT_LIMIT = 1 << 20
# Longer lists, such as vocabularies, are counted and skipped: nobody reads them here.
KEPT_ITEMS = 1024
_STRING, _ARRAY = 8, 9
_FIXED = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_U32, _U64 = _FIXED[4], _FIXED[10]
_START = struct.Struct("<4sIQQ")


class GgufBroken(QuintetError):
    """The file is not a GGUF model, or not a whole and consistent one."""

    kind = Kind.INTEGRITY
    code = "gguf.broken"


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its shape as stored, and where its bytes lie in the file."""

    name: str
    shape: tuple[int, ...]
    type: str
    offset: int
    size_bytes: int

    @property
    def elements(self) -> int:
        return _product(self.shape)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A list that was too long to keep, and where its items begin in the file."""

    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What stands in front of the weights. Numbers are 0 and texts empty where it does not say."""

    version: int
    metadata: Mapping[str, Any]
    tensors: tuple[Tensor, ...]
    file_size_bytes: int

    @property
    def architecture(self) -> str:
        return self._text("general.architecture")

    @property
    def name(self) -> str:
        return self._text("general.name")

    @property
    def licence(self) -> str:
        return self._text("general.license")

    @property
    def template(self) -> str:
        return self._text("tokenizer.chat_template")

    @property
    def parameters(self) -> int:
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def weights_bytes(self) -> int:
        return sum(tensor.size_bytes for tensor in self.tensors)

    @property
    def quantisation(self) -> str:
        """What the file calls itself, else the type that holds most of its bytes."""
        named = FILE_TYPES.get(self.number("general.file_type", -1))
        if named:
            return named
        sizes: Counter[str] = Counter()
        for tensor in self.tensors:
            sizes[tensor.type] += tensor.size_bytes
        return sizes.most_common(1)[0][0] if sizes else ""

    @property
    def context_length(self) -> int:
        return self.of_architecture("context_length")

    @property
    def vocabulary_size(self) -> int:
        tokens = self.metadata.get("tokenizer.ggml.tokens", ())
        return tokens.count if isinstance(tokens, Skipped) else len(tokens)

    @property
    def is_embedder(self) -> bool:
        """Whether the model makes vectors rather than answers."""
        return f"{self.architecture}.pooling_type" in self.metadata

    @property
    def parts(self) -> int:
        """Of how many files the model consists."""
        return max(1, self.number("split.count"))

    def of_architecture(self, key: str, default: int = 0) -> int:
        return self.number(f"{self.architecture}.{key}", default)

    def number(self, key: str, default: int = 0) -> int:
        """A whole number that is not negative; the largest where there is one for each layer."""
        value = self.metadata.get(key, default)
        if isinstance(value, list):
            items = cast("list[Any]", value)
            value = max((item for item in items if isinstance(item, int)), default=default)
        return value if isinstance(value, int) and value >= 0 else default

    def _text(self, key: str) -> str:
        value = self.metadata.get(key, "")
        return value if isinstance(value, str) else ""


def open_header(path: Path) -> GgufHeader:
    """The header of a file."""
    with explained("read", path), path.open("rb") as stream:
        size_bytes = stream.seek(0, 2)
        if not size_bytes:
            raise GgufBroken(f"{path} is not a GGUF model", why="the file is empty")
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return parse_header(data, size_bytes)
            except GgufBroken as error:
                raise GgufBroken(
                    f"{path} is not a usable GGUF model", why=error.why, hint=error.hint
                ) from error


def parse_header(data: bytes | mmap.mmap, size_bytes: int | None = None) -> GgufHeader:
    """The header that these bytes begin with; `size_bytes` is the size of the whole file."""
    size_bytes = len(data) if size_bytes is None else size_bytes
    try:
        return _Reader(data).header(size_bytes)
    except (struct.error, IndexError) as error:
        raise _broken("the file ends within its header", hint=_AGAIN) from error


_AGAIN = "the copy is incomplete: download or copy it again"


def _broken(why: str, hint: str = "") -> GgufBroken:
    return GgufBroken("not a usable GGUF model", why=why, hint=hint)


class _Reader:
    """A position in the bytes that only moves forward."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data = data
        self._length = min(len(data), HEADER_LIMIT_BYTES)
        self._at = 0

    def header(self, size_bytes: int) -> GgufHeader:
        if self._data[:4] != MAGIC:
            raise _broken("it does not begin with GGUF")
        _, version, tensor_count, entry_count = _START.unpack_from(self._data, 0)
        self._at = _START.size
        if version not in VERSIONS:
            swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
            order = ", big-endian" if swapped in VERSIONS else ""
            raise _broken(f"its version is {swapped if order else version}{order}")
        if entry_count > ENTRY_LIMIT or tensor_count > TENSOR_LIMIT:
            raise _broken(f"it claims {entry_count:,} entries and {tensor_count:,} tensors")
        metadata = self._metadata(entry_count)
        tensors = self._tensors(tensor_count, _alignment(metadata), size_bytes)
        return GgufHeader(version, metadata, tensors, size_bytes)

    def _metadata(self, count: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(count):
            key = self._text(NAME_LIMIT_BYTES)
            if key in found:
                raise _broken(f"it has the entry {key[:80]!r} twice")
            found[key] = self._value(self._u32())
        return found

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text(TEXT_LIMIT_BYTES)
        if kind == _ARRAY:
            return self._list()
        if kind not in _FIXED:
            raise _broken(f"it holds a value of the unknown type {kind}")
        form = _FIXED[kind]
        (value,) = form.unpack_from(self._data, self._at)
        self._at += form.size
        return value

    def _list(self) -> list[Any] | Skipped:
        kind, count = self._u32(), self._u64()
        if kind in _FIXED:
            return self._numbers(_FIXED[kind], count)
        if kind != _STRING:
            raise _broken(f"it holds a list of the type {kind}")
        # Each text takes at least the 8 bytes of its length.
        if count * 8 > self._length - self._at:
            raise _broken(f"a list claims {count:,} texts", hint=_AGAIN)
        if count > KEPT_ITEMS:
            return self._skipped_texts(count)
        return [self._text(TEXT_LIMIT_BYTES) for _ in range(count)]

    def _numbers(self, form: struct.Struct, count: int) -> list[Any] | Skipped:
        size = count * form.size
        if size > self._length - self._at:
            raise _broken(f"a list claims {count:,} numbers", hint=_AGAIN)
        start = self._at
        self._at += size
        if count > KEPT_ITEMS:
            return Skipped(count, start)
        return [value for (value,) in form.iter_unpack(self._data[start : self._at])]

    def _skipped_texts(self, count: int) -> Skipped:
        data, at, length = self._data, self._at, self._length
        read = int.from_bytes
        for _ in range(count):
            at += 8 + read(data[at : at + 8], "little")
            if at > length:
                raise _broken("a text reaches beyond the end of the file", hint=_AGAIN)
        start, self._at = self._at, at
        return Skipped(count, start)

    def _tensors(self, count: int, alignment: int, size_bytes: int) -> tuple[Tensor, ...]:
        named = [self._tensor() for _ in range(count)]
        start = -(-self._at // alignment) * alignment
        found: dict[str, Tensor] = {}
        end = 0
        for tensor in named:
            if tensor.name in found:
                raise _broken(f"it has the tensor {tensor.name[:80]!r} twice")
            if tensor.offset != -(-end // alignment) * alignment:
                raise _broken(f"the tensor {tensor.name[:80]!r} does not follow the one before it")
            end = tensor.offset + tensor.size_bytes
            found[tensor.name] = replace(tensor, offset=start + tensor.offset)
        missing = start + end - size_bytes
        if found and missing > 0:
            raise _broken(f"{missing:,} bytes of its weights are missing", hint=_AGAIN)
        return tuple(found.values())

    def _tensor(self) -> Tensor:
        name = self._text(NAME_LIMIT_BYTES)
        dimensions = self._u32()
        if not 1 <= dimensions <= DIMENSION_LIMIT:
            raise _broken(f"the tensor {name[:80]!r} has {dimensions} dimensions")
        shape = tuple(self._u64() for _ in range(dimensions))
        kind, offset = self._u32(), self._u64()
        if not 0 < _product(shape) <= ELEMENT_LIMIT:
            raise _broken(f"the tensor {name[:80]!r} has an impossible shape")
        type_name, size = _type_and_size(name, kind, shape)
        return Tensor(name, shape, type_name, offset, size)

    def _text(self, limit_bytes: int) -> str:
        size = self._u64()
        if size > limit_bytes:
            raise _broken(f"a text claims {size:,} bytes")
        end = self._at + size
        if end > self._length:
            raise _broken("the file ends within a text", hint=_AGAIN)
        raw = self._data[self._at : end]
        self._at = end
        return raw.decode("utf-8", "replace")

    def _u32(self) -> int:
        (value,) = _U32.unpack_from(self._data, self._at)
        self._at += 4
        return value

    def _u64(self) -> int:
        (value,) = _U64.unpack_from(self._data, self._at)
        self._at += 8
        return value


def _alignment(metadata: Mapping[str, Any]) -> int:
    value = metadata.get("general.alignment", 32)
    if not isinstance(value, int) or not 1 <= value <= ALIGNMENT_LIMIT or value & (value - 1):
        raise _broken("its alignment is not a power of two")
    return value


def _type_and_size(name: str, kind: int, shape: tuple[int, ...]) -> tuple[str, int]:
    if kind not in TENSOR_TYPES:
        raise _broken(
            f"the tensor {name[:80]!r} has the unknown type {kind}",
            hint="it was made for a newer runtime: pip install --upgrade quintet",
        )
    type_name, block, block_bytes = TENSOR_TYPES[kind]
    if shape[0] % block:
        raise _broken(f"rows of the tensor {name[:80]!r} do not divide into blocks of {block}")
    return type_name, _product(shape) // block * block_bytes


def _product(numbers: tuple[int, ...]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result

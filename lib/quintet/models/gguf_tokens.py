"""The tokens of a model that are signs rather than text: they must never come from a message."""

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quintet.models.gguf import GgufHeader, Skipped, open_header
from quintet.platform.files import explained

_TOKENS, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
_CONTROL, _USER_DEFINED = 3, 4
# Among what a vocabulary defines beside these are ordinary texts, such as empty lines and tags.
_LOOKS_LIKE_A_SIGN = re.compile(r"<\|.+\|>")


@dataclass(frozen=True, slots=True)
class Signs:
    """`adds_bos` says that the tokenizer puts the first sign by itself."""

    control: tuple[str, ...]
    bos: str
    eos: str
    adds_bos: bool


def read_signs(path: Path) -> Signs:
    """The signs of a model's vocabulary."""
    header = open_header(path)
    with (
        explained("read", path),
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        types = _types(header, data)
        bos, eos = (header.number(f"tokenizer.ggml.{name}_token_id", -1) for name in ("bos", "eos"))
        marked = {at for at, kind in enumerate(types) if kind in (_CONTROL, _USER_DEFINED)}
        texts = dict(_texts(header, data, marked | {bos, eos}))
    signs = {
        text
        for at, text in texts.items()
        if text and (types[at] == _CONTROL or _LOOKS_LIKE_A_SIGN.fullmatch(text))
    }
    is_spm = header.metadata.get("tokenizer.ggml.model") == "llama"
    return Signs(
        control=tuple(sorted(signs)),
        bos=texts.get(bos, ""),
        eos=texts.get(eos, ""),
        adds_bos=header.metadata.get("tokenizer.ggml.add_bos_token", is_spm) is True,
    )


def _types(header: GgufHeader, data: mmap.mmap) -> list[int]:
    listed = header.metadata.get(_TYPES, [])
    if isinstance(listed, Skipped):
        return list(struct.unpack_from(f"<{listed.count}i", data, listed.offset))
    return listed


def _texts(header: GgufHeader, data: mmap.mmap, wanted: set[int]) -> Iterator[tuple[int, str]]:
    listed = header.metadata.get(_TOKENS, [])
    if not isinstance(listed, Skipped):
        yield from ((at, text) for at, text in enumerate(listed) if at in wanted)
        return
    place = listed.offset
    for at in range(listed.count):
        size = int.from_bytes(data[place : place + 8], "little")
        if at in wanted:
            yield at, data[place + 8 : place + 8 + size].decode("utf-8", "replace")
        place += 8 + size

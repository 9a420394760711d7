"""Words that TAB offers, in small files that the shells read themselves: no Python per TAB.

A file `complete/<kind>` in the cache folder holds lines of a word, a tab and a note. A command
that lists or changes such things leaves their names here; nothing depends on it, so every
failure is dropped.
"""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import PRIVATE_FILE, ensure_private_dir, write_all

LIMIT = 200
_NOTE_LENGTH = 60
# A completed word lands on a command line unquoted: nothing that a shell would act on gets in.
_PUNCTUATION = frozenset("._:@/+-")


def remember(cache_dir: Path, kind: str, words: Mapping[str, str]) -> None:
    """Offer exactly these words, each with its note, where a parameter's metavar is this kind."""
    with contextlib.suppress(QuintetError, OSError):
        _write(_place(cache_dir, kind), words)


def remember_one(cache_dir: Path, kind: str, word: str, note: str) -> None:
    """Offer this word first, before those that are offered already."""
    with contextlib.suppress(QuintetError, OSError):
        place = _place(cache_dir, kind)
        known = _read(place)
        known.pop(word, None)
        _write(place, {word: note, **known})


def _place(cache_dir: Path, kind: str) -> Path:
    return cache_dir / "complete" / kind.lower()


def _read(place: Path) -> dict[str, str]:
    if not place.exists():
        return {}
    lines = place.read_text(encoding="utf-8", errors="replace").splitlines()
    return {word: note for word, _, note in (line.partition("\t") for line in lines[:LIMIT])}


def _is_harmless(word: str) -> bool:
    return word[:1].isalnum() and all(c in _PUNCTUATION or c.isalnum() for c in word)


def _line(word: str, note: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in note)
    return f"{word}\t{shown[:_NOTE_LENGTH]}\n"


def _write(place: Path, words: Mapping[str, str]) -> None:
    lines = [_line(word, note) for word, note in words.items() if _is_harmless(word)]
    ensure_private_dir(place.parent)
    # Replaced whole, for a shell may be reading; not synced, for it can be made again.
    temporary = place.with_name(f".{place.name}.{secrets.token_hex(4)}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        write_all(fd, "".join(lines[:LIMIT]).encode("utf-8", "replace"))
        os.replace(temporary, place)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)

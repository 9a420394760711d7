"""A crontab's text: our marked block in it, and every other byte left as it is."""

import re
import shlex
from collections.abc import Mapping, Sequence

from quintet.errors import QuintetError
from quintet.platform.schedule.calling import (
    CATCH_UP,
    CATCH_UP_MINUTES,
    Calling,
    wants_catching_up,
)
from quintet.platform.schedule.job import Job

# Vixie's cron cuts a command at 1,000 signs without a word.
_MOST_CHARS = 990
_SAFE = re.compile(r"[A-Za-z0-9@+=:,./_-]+")
_ENTRY = re.compile(r"((?:\S+ ){5})(.*)")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")

Lines = list[str]


class CrontabUnclear(QuintetError):
    """The marks of our block are not as we left them."""

    code = "schedule.crontab_unclear"


def marks(label: str) -> tuple[str, str]:
    """The first and the last line of a home's block."""
    note = "written by `ai schedule install`; change the jobs, not these lines"
    return f"{_lead(label)} {note}", f"# <<< ai schedule ({label}) <<<"


def block_lines(jobs: Sequence[Job], calling: Calling) -> Lines | None:
    """Our block for these jobs, or None when there are none."""
    if not jobs:
        return None
    first, last = marks(calling.label)
    entries = [_entry(str(job.when.cron), job.name, calling) for job in jobs]
    if wants_catching_up(jobs):
        minutes = ",".join(map(str, CATCH_UP_MINUTES))
        entries.append(_entry(f"{minutes} * * * *", CATCH_UP, calling))
    return [first, *entries, last]


def _entry(cron: str, job: str, calling: Calling) -> str:
    given = [f"{name}={value}" for name, value in calling.env.items()]
    words = ["/usr/bin/env", *given, *calling.words(job, "cron")]
    command = " ".join(map(_quoted, words))
    if len(command) > _MOST_CHARS:
        raise CrontabUnclear(
            f"the line for the job {job} would be too long for cron",
            why=f"it has {len(command):,} signs and cron cuts at 1,000; most of it is PATH",
            hint="PATH=/usr/local/bin:/usr/bin:/bin ai schedule install --with cron",
        )
    return f"{cron} {command}"


def _quoted(word: str) -> str:
    """For the shell that cron starts; a % outside quotes, since cron reads it before the shell."""
    if _SAFE.fullmatch(word):
        return word
    return "\\%".join(shlex.quote(part) if part else "" for part in word.split("%"))


def entries_of(lines: Lines) -> Mapping[str, str]:
    """What a block calls: the time and the words of each job, without its environment."""
    found: dict[str, str] = {}
    for line in lines:
        entry = _ENTRY.fullmatch(line)
        if line.startswith("#") or not entry:
            continue
        try:
            words = shlex.split(entry[2])
        except ValueError:
            words = [entry[2]]
        while words and (words[0] == "/usr/bin/env" or _ASSIGNMENT.match(words[0])):
            words.pop(0)
        which = words[words.index("run") + 1] if "run" in words[:-1] else ""
        found[CATCH_UP if which == "--due" else which] = f"{entry[1]}{shlex.join(words)}"
    return found


def block_in(text: bytes, label: str) -> Lines | None:
    """The lines of our block as they stand in a crontab."""
    place = _place(text, label)
    if place is None:
        return None
    begin, end = place
    lines = _lines(text)[begin:end]
    return [line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in lines]


def with_block(text: bytes, label: str, block: Lines | None) -> bytes:
    """The crontab with this block in the place of ours, or at the end; or without it."""
    lines = _lines(text)
    fresh = [f"{line}\n".encode("utf-8", "surrogateescape") for line in block or []]
    place = _place(text, label)
    if place is not None:
        begin, end = place
        return b"".join([*lines[:begin], *fresh, *lines[end:]])
    if fresh and lines and not lines[-1].endswith(b"\n"):
        # No cron reads a last line that is not ended.
        lines[-1] += b"\n"
    return b"".join([*lines, *fresh])


def _place(text: bytes, label: str) -> tuple[int, int] | None:
    first, last = _lead(label), marks(label)[1]
    lines = [line.strip() for line in _lines(text)]
    begins = [n for n, line in enumerate(lines) if line.startswith(first.encode())]
    ends = [n for n, line in enumerate(lines) if line == last.encode()]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        raise CrontabUnclear(
            "the lines of ai in your crontab cannot be told from yours",
            why=f"there must be one line '{first} …' and below it one '{last}'",
            hint="crontab -e",
        )
    return begins[0], ends[0] + 1


def _lead(label: str) -> str:
    return f"# >>> ai schedule ({label}) >>>"


def _lines(text: bytes) -> list[bytes]:
    """Lines as cron has them: only a line feed ends one."""
    pieces = text.split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + [piece for piece in pieces[-1:] if piece]

"""A job: a name, when, and the words of an `ai` command; with what to do when things go amiss."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from quintet.errors import UsageError
from quintet.platform.config.shape import Mismatch, Text, shape_of
from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.schedule.when import When, parse_when

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
DEFAULT_TIMEOUT_S = 3600.0
_LONGEST_S = 7 * 86400.0
_MOST_WORDS = 200
_MOST_CHARS = 32_000
_DURATION = shape_of(float, "duration_s", {"min": 0})


class BadJob(UsageError):
    """A job that cannot be."""

    code = "schedule.bad_job"


class CatchUp(StrEnum):
    """What becomes of runs that were missed, while the machine slept say."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `folder` is where it runs, `added_at` the moment before which nothing is missed."""

    name: str
    when: When
    words: tuple[str, ...]
    folder: str = ""
    catch_up: CatchUp = CatchUp.ONCE
    timeout_s: float = DEFAULT_TIMEOUT_S
    jitter_s: float = 0.0
    only_on_power: bool = False
    added_at: datetime | None = None

    @property
    def command(self) -> str:
        """The command as it would be typed."""
        return shlex.join(["ai", *self.words])

    @property
    def digest(self) -> str:
        """What the job's history belongs to: another time or another beginning is another job."""
        added = self.added_at.isoformat() if self.added_at else ""
        return digest_hex(canonical_json([self.name, str(self.when.cron), added]))[:16]

    def as_table(self) -> dict[str, Any]:
        """The job as it stands in the file; what is as usual is left out."""
        table: dict[str, Any] = {"when": self.when.text, "run": list(self.words)}
        if self.folder:
            table["folder"] = self.folder
        if self.catch_up is not CatchUp.ONCE:
            table["catch_up"] = str(self.catch_up)
        if self.timeout_s != DEFAULT_TIMEOUT_S:
            table["timeout"] = told_duration(self.timeout_s)
        if self.jitter_s:
            table["jitter"] = told_duration(self.jitter_s)
        if self.only_on_power:
            table["only_on_power"] = True
        if self.added_at:
            table["added"] = f"{self.added_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return table


def job_from(name: str, table: Any) -> Job:
    """A job from its table; raises a `UsageError` that says what is wrong with it."""
    if not isinstance(table, Mapping):
        raise BadJob("it is no table")
    fields = cast(Mapping[str, Any], table)
    for key in fields:
        if key not in _KEYS:
            raise BadJob(f"there is no key {key!r}", why=f"known are {', '.join(_KEYS)}")
    return Job(
        name=checked_name(name),
        when=parse_when(_text(fields, "when", is_needed=True)),
        words=checked_words(fields.get("run")),
        folder=_folder(fields),
        catch_up=_catch_up(fields.get("catch_up", CatchUp.ONCE)),
        timeout_s=_duration(fields, "timeout", DEFAULT_TIMEOUT_S, least=1.0),
        jitter_s=_duration(fields, "jitter", 0.0),
        only_on_power=_flag(fields, "only_on_power"),
        added_at=_moment(fields),
    )


_KEYS = (
    "when",
    "run",
    "folder",
    "catch_up",
    "timeout",
    "jitter",
    "only_on_power",
    "added",
)


def checked_name(name: str) -> str:
    """The name goes into unit files, file names and crontabs, so it is of the plainest kind."""
    if not NAME.fullmatch(name):
        raise BadJob(
            f"{name!r} is no name for a job", why="small letters, digits and - make one, up to 40"
        )
    return name


def checked_words(value: Any) -> tuple[str, ...]:
    """The words behind `ai`."""
    words = cast(Sequence[Any], value) if isinstance(value, list | tuple) else ()
    if not words or not all(isinstance(word, str) for word in words):
        raise BadJob("'run' is no command", why="it is a list of words, as in ['life', 'brief']")
    named = [str(word) for word in words]
    if named[0] == "ai":
        raise BadJob("the command begins behind 'ai'", hint=f"-- {shlex.join(named[1:])}")
    if any("\0" in word or not _is_text(word) for word in named):
        raise BadJob("a word of the command is not text", why="it holds bytes that are not UTF-8")
    if len(named) > _MOST_WORDS or sum(map(len, named)) > _MOST_CHARS:
        raise BadJob("the command is too long", why=f"more than {_MOST_WORDS} words")
    return tuple(named)


def duration_of(text: str, what: str) -> float:
    """How long, as it is typed: 90s, 5m, 8h."""
    try:
        seconds = _DURATION.read(Text(text))
    except Mismatch as error:
        raise BadJob(f"{what} {text!r} is no duration", hint="write 90s, 5m or 8h") from error
    if not 0 <= seconds <= _LONGEST_S:
        raise BadJob(f"{what} {text!r} is too long", why="a week is the most")
    return seconds


def told_duration(seconds: float) -> str:
    """A duration in its largest whole unit."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(fields: Mapping[str, Any], key: str, *, is_needed: bool = False) -> str:
    value = fields.get(key, "")
    if not isinstance(value, str) or (is_needed and not value):
        raise BadJob(f"{key!r} is no text", why=f'as in {key} = "…"')
    return value


def _folder(fields: Mapping[str, Any]) -> str:
    folder = _text(fields, "folder")
    if folder and (not folder.startswith("/") or "\0" in folder or "\n" in folder):
        raise BadJob("'folder' is no absolute path")
    return folder


def _catch_up(value: Any) -> CatchUp:
    if value in list(CatchUp):
        return CatchUp(value)
    raise BadJob(f"catch_up is {', '.join(CatchUp)}, not {value!r}")


def _duration(fields: Mapping[str, Any], key: str, otherwise: float, least: float = 0.0) -> float:
    value = fields.get(key)
    if value is None:
        return otherwise
    if not isinstance(value, str):
        raise BadJob(f"{key!r} is no duration", hint=f'{key} = "90s", "5m" or "8h"')
    seconds = duration_of(value, key)
    if seconds < least:
        raise BadJob(f"{key} {value!r} is too short", why=f"{least:g} s is the least")
    return seconds


def _flag(fields: Mapping[str, Any], key: str) -> bool:
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise BadJob(f"{key} is true or false")
    return value


def _moment(fields: Mapping[str, Any]) -> datetime | None:
    value = fields.get("added")
    if value is None:
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadJob("'added' is no moment", hint='added = "2026-03-02T09:30:00Z"') from error

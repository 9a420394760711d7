"""What each job did: the last slot that was claimed, the last runs, and what was missed.

One small private file a job, replaced whole. It holds names, times and statuses, no output.
"""

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from quintet.platform.files import ensure_private_dir, explained, read_bytes, write_atomic
from quintet.platform.schedule.job import Job

_SCHEMA = "ai.schedule-history/1"
_LIMIT_BYTES = 1 << 20
_KEPT_RUNS = 20


class Outcome(StrEnum):
    """How a run ended; `STARTED` with nobody at it means that it was cut off."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `slot` is empty for one that a person asked for."""

    action: str
    slot: str
    why: str
    started_at: str
    outcome: Outcome = Outcome.STARTED
    status: int = 0
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of a job; it belongs to the job whose digest it names."""

    job: str = ""
    claimed: datetime | None = None
    runs: tuple[Run, ...] = ()
    missed: int = 0
    waiting: str = ""

    @property
    def last(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    def claiming(self, slot: datetime) -> "History":
        """Never back: an earlier slot changes nothing."""
        later = slot if self.claimed is None else max(slot, self.claimed)
        return replace(self, claimed=later, waiting="")

    def beginning(self, run: Run) -> "History":
        return replace(self, runs=(*self.runs, run)[-_KEPT_RUNS:])

    def ending(self, run: Run) -> "History":
        """The run as it ended, in place of the same run as it began."""
        runs = tuple(run if one.action == run.action else one for one in self.runs)
        return replace(self, runs=runs)


@dataclass(frozen=True, slots=True)
class Histories:
    """The folder of the histories."""

    directory: Path

    def of(self, job: Job) -> History:
        """The job's own history; a job of the same name that was another has left none."""
        found = self._read(job.name)
        if found.job != job.digest:
            # What ran before is still worth seeing; which slots it claimed is not.
            return History(job=job.digest, runs=found.runs)
        return found

    def keep(self, job: Job, history: History) -> None:
        ensure_private_dir(self.directory)
        body = asdict(replace(history, job=job.digest))
        body["claimed"] = history.claimed.isoformat() if history.claimed else None
        data = json.dumps({"schema": _SCHEMA, **body}, indent=1).encode()
        write_atomic(self._path(job.name), data)

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.json"

    def _read(self, name: str) -> History:
        path = self._path(name)
        with explained("read", path):
            if not path.exists():
                return History()
        # A history that was damaged is begun anew: what is not known is not run twice on purpose.
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return _history_from(json.loads(read_bytes(path, _LIMIT_BYTES)))
        return History()


def _history_from(value: Any) -> History:
    body = cast("dict[str, Any]", value)
    claimed = datetime.fromisoformat(body["claimed"]) if body["claimed"] else None
    if claimed is not None and claimed.tzinfo is None:
        raise ValueError("a moment without a zone")
    runs = tuple(_run_from(run) for run in body["runs"])
    return History(
        job=str(body["job"]),
        claimed=claimed.astimezone(UTC) if claimed else None,
        runs=runs,
        missed=int(body["missed"]),
        waiting=str(body["waiting"]),
    )


def _run_from(value: Any) -> Run:
    fields = cast("dict[str, Any]", value)
    return Run(
        action=str(fields["action"]),
        slot=str(fields["slot"]),
        why=str(fields["why"]),
        started_at=str(fields["started_at"]),
        outcome=Outcome(fields["outcome"]),
        status=int(fields["status"]),
        duration_s=float(fields["duration_s"]),
    )

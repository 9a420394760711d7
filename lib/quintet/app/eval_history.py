"""Runs of suites in the store `evals`: written try by try, so that a cut loses at most one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quintet.errors import NotFound
from quintet.evals.case import Suite
from quintet.evals.results import Attempt, SuiteResult
from quintet.evals.runner import Effort
from quintet.platform.record.event import stamp_of

if TYPE_CHECKING:
    from datetime import datetime

    from quintet.platform.store.database import Database

NAME = "evals"


@dataclass(frozen=True, slots=True)
class Listed:
    """A run among others."""

    id: str
    suite: str
    at: str
    cases: int
    repeats: int
    tried: int
    passed: int
    money_micros: int


class History:
    """What was tried before. Reading makes no store where nothing was ever tried."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, id: str, suite: Suite, file: str, at: datetime, effort: Effort) -> str:
        moment = stamp_of(at)
        row = {
            "id": id,
            "suite": suite.name,
            "suite_digest": suite.digest,
            "file": file,
            "began_at": moment,
            "seed": effort.seed,
            "repeats": effort.repeats,
            "cases": len(suite.cases),
        }
        self._database.append("runs", row)
        return moment

    def add(self, run: str, attempt: Attempt) -> None:
        row = {
            "id": f"{run}:{attempt.case}:{attempt.repeat}",
            "run": run,
            "case_id": attempt.case,
            "repeat": attempt.repeat,
            "passed": attempt.is_passed,
            "problems": json.dumps(attempt.problems, ensure_ascii=False),
            "status": attempt.status,
            "money_micros": attempt.money_micros,
            "tokens": attempt.tokens,
            "latency_s": attempt.latency_s,
            "steady": attempt.is_steady,
        }
        self._database.append("attempts", row)

    def find(self, prefix: str) -> SuiteResult:
        """One run with all its tries, by the beginning of its id, or `@-1` for the last."""
        found = [one for one in self.runs(limit=1000) if one.id.startswith(prefix)]
        if prefix == "@-1":
            found = self.runs(limit=1)
        if len(found) != 1 or not prefix:
            why = f"{len(found)} runs begin so" if prefix and found else "it is not in the history"
            raise NotFound(f"there is no run {prefix}", why=why, hint="ai eval show")
        return self._read(found[0].id)

    def runs(self, limit: int) -> list[Listed]:
        """Newest first."""
        if not self._is_there:
            return []
        with self._database.read() as connection:
            rows = connection.rows(
                "SELECT r.id, r.suite, r.began_at AS began, r.cases, r.repeats,"
                " count(a.id) AS tried,"
                " count(*) FILTER (a.passed) AS passed,"
                " coalesce(sum(a.money_micros), 0)::BIGINT AS money_micros"
                " FROM runs r LEFT JOIN attempts a ON a.run = r.id"
                " GROUP BY ALL ORDER BY began DESC, r.id LIMIT ?",
                [limit],
            )
        return [Listed(at=row.pop("began"), **row) for row in rows]

    @property
    def _is_there(self) -> bool:
        file = self._database.file
        return file.path.exists() or bool(file.inbox.size_bytes())

    def _read(self, id: str) -> SuiteResult:
        with self._database.read() as connection:
            (run,) = connection.rows("SELECT * FROM runs WHERE id = ?", [id])
            rows = connection.rows("SELECT * FROM attempts WHERE run = ?", [id])
        attempts = sorted((_attempt(row) for row in rows), key=lambda one: (one.case, one.repeat))
        return SuiteResult(
            id=run["id"],
            suite=run["suite"],
            suite_digest=run["suite_digest"],
            at=run["began_at"],
            seed=run["seed"],
            repeats=run["repeats"],
            attempts=tuple(attempts),
            missing=run["cases"] * run["repeats"] - len(attempts),
        )


def _attempt(row: dict[str, Any]) -> Attempt:
    return Attempt(
        case=row["case_id"],
        repeat=row["repeat"],
        problems=tuple(json.loads(row["problems"])),
        status=row["status"],
        money_micros=row["money_micros"],
        tokens=row["tokens"],
        latency_s=row["latency_s"],
        is_steady=row["steady"],
    )

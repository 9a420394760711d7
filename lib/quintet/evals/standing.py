"""How a suite stood at some time, as a file: what a baseline keeps, and no more.

Counts only: what was answered may be private, and a baseline lies beside the code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quintet.errors import Kind, QuintetError
from quintet.evals.fields import BadCase, Fields
from quintet.evals.instruments import Instruments

SCHEMA = "ai.eval.baseline/1"
LIMIT_BYTES = 64 << 20
_TRIES_MOST = 1_000_000


class BadBaseline(QuintetError):
    """A file that is no baseline, or is damaged."""

    kind = Kind.USAGE
    code = "evals.bad_baseline"


@dataclass(frozen=True, slots=True)
class Tally:
    """Passes and tries of one case."""

    passed: int
    tried: int
    is_steady: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """All cases of one run."""

    id: str
    suite: str
    suite_digest: str
    at: str
    tallies: Mapping[str, Tally]

    @property
    def cases(self) -> Mapping[str, Tally]:
        return self.tallies


def standing_bytes(standing: Standing) -> bytes:
    """One line a case, so that a later version's diff can be read."""
    head = {
        "schema": SCHEMA,
        "id": standing.id,
        "suite": standing.suite,
        "suite_digest": standing.suite_digest,
        "at": standing.at,
    }
    rows = [
        json.dumps(case, ensure_ascii=False)
        + ": "
        + json.dumps({"passed": one.passed, "tried": one.tried, "steady": one.is_steady})
        for case, one in standing.tallies.items()
    ]
    top = [f"  {json.dumps(name)}: {json.dumps(text)}," for name, text in head.items()]
    body = ",\n".join(f"    {row}" for row in rows)
    return ("{\n" + "\n".join(top) + '\n  "cases": {\n' + body + "\n  }\n}\n").encode()


def parse_standing(data: bytes, tools: Instruments) -> Standing:
    """The standing in a file; raises `BadBaseline`."""
    try:
        value = tools.parse_json(data.decode())
        return _standing(Fields(value, 1, "the baseline"))
    except UnicodeDecodeError as error:
        raise _refused("it is not UTF-8") from error
    except BadCase as error:
        raise _refused(error.what.partition(": ")[2]) from error
    except QuintetError as error:
        raise _refused(error.why or error.what) from error


def _standing(fields: Fields) -> Standing:
    schema = fields.text("schema", "")
    if schema != SCHEMA:
        raise fields.wrong(f"its schema is {schema[:40]!r} and not {SCHEMA!r}")
    tallies = {case: _tally(value) for case, value in fields.object("cases").items()}
    texts = (fields.text(name) for name in ("id", "suite", "suite_digest", "at"))
    return Standing(*texts, tallies=tallies)


def _tally(value: Any) -> Tally:
    fields = Fields(value, 1, "a case of the baseline")
    tried = fields.count("tried", least=1, most=_TRIES_MOST)
    passed = fields.count("passed", least=0, most=tried)
    return Tally(passed, tried, fields.truth("steady", default=False))


def _refused(why: str) -> BadBaseline:
    return BadBaseline(
        "the baseline cannot be used", why=why, hint="ai eval run FILE --save-baseline BASELINE"
    )

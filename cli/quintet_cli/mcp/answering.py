"""What a run of a verb printed, as an answer to the program that asked for it."""

import json
from typing import Any

from quintet.errors import Kind
from quintet.mcp.child import Ended
from quintet.mcp.tool import Answer, failure
from quintet.platform.policy.label import Label
from quintet_cli.exits import MEANING, STATUS
from quintet_cli.jsonable import is_object

# A plan that waits: nothing has happened, and the word is a person's to give.
APPROVAL_SHAPE = {
    "needs_approval": bool,
    "plan": str,
    "summary": str,
    "effects": [str],
    "approve_with": str,
    "why": str,
}
APPROVAL = "ai.mcp.needs-approval/1"
_NO_PLAN = "plan.needs_approval"


def answer_of(ended: Ended, labels: frozenset[Label], *, is_plan_wanted: bool) -> Answer:
    """The one object that the verb printed; a plan that the client did not ask for is a refusal."""
    if ended.is_late:
        return failure(
            "failed", "mcp.timed_out", "the call took too long and was ended",
            why="nothing more happens; what was done by then is on record", hint="ai log",
        )  # fmt: skip
    if ended.is_too_long:
        return failure(
            "failed", "mcp.result_too_large", "the result is too large for an answer",
            hint="ask for less, or raise mcp.result_limit_bytes",
        )  # fmt: skip
    value = _object_in(ended.out)
    if value is None:
        return _speechless(ended)
    if value["schema"] == "ai.error/1":
        return _failed(value, ended.status, labels)
    if value["schema"] == "ai.plan/1" and not is_plan_wanted:
        return _waiting(value["id"], value["plan"]["summary"], value["literal"])
    # A verb with a result may still end with a status: a check that found something, say.
    return Answer(value, labels=labels, exit_status=ended.status)


def _object_in(out: bytes) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(out)
    except (ValueError, RecursionError):
        return None
    return value if is_object(value) and isinstance(value.get("schema"), str) else None


def _speechless(ended: Ended) -> Answer:
    last = ended.err.decode("utf-8", "replace").strip().splitlines()[-1:]
    told = MEANING.get(ended.status, f"it ended with status {ended.status}")
    return failure(
        "failed", "mcp.no_result", "the verb ended without a result", why="; ".join([told, *last])
    )


def _failed(value: dict[str, Any], status: int, labels: frozenset[Label]) -> Answer:
    error = value["error"]
    details: dict[str, Any] = error.get("details") or {}
    if error["code"] == _NO_PLAN and "plan" in details:
        summary = error["what"].partition(": ")[2]
        return _waiting(details["plan"], summary, details["literal"], why=error["why"])
    error["details"] = {**details, "exit_status": status}
    return Answer(value, is_error=True, labels=labels, exit_status=status)


def _waiting(plan: str, summary: str, effects: list[str], why: str = "") -> Answer:
    value = {
        "schema": APPROVAL,
        "needs_approval": True,
        "plan": plan,
        "summary": summary,
        "effects": effects,
        "approve_with": f"ai apply {plan}",
        "why": why or "nothing has happened: a person carries it out at a terminal",
    }
    labels = frozenset({Label.UNTRUSTED})
    status = STATUS[Kind.NEEDS_APPROVAL]
    return Answer(value, is_error=True, labels=labels, exit_status=status)

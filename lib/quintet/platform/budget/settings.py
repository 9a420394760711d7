"""The limits that a user may set. Without a word from them no money is spent at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


def _limit(what: str) -> Mapping[str, Any]:
    return {"help": what, "min": 0}


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """`none` is no limit. Days and months are those of UTC, one and the same for every process."""

    day_usd: Decimal | None = field(
        default=Decimal(0),
        metadata=_limit("Money per day. 0 until you decide: nothing that costs money runs."),
    )
    month_usd: Decimal | None = field(default=None, metadata=_limit("Money per month."))
    run_usd: Decimal | None = field(
        default=None, metadata=_limit("Money per run of one command or workflow.")
    )
    call_usd: Decimal | None = field(default=None, metadata=_limit("Money per call of a model."))
    day_tokens: int | None = field(
        default=None, metadata=_limit("Tokens per day, local models included.")
    )
    month_tokens: int | None = field(default=None, metadata=_limit("Tokens per month."))
    run_tokens: int | None = field(default=None, metadata=_limit("Tokens per run."))
    call_tokens: int | None = field(
        default=None, metadata=_limit("Tokens per call, prompt and answer together.")
    )
    day_s: float | None = field(default=None, metadata=_limit("Time in models per day."))
    month_s: float | None = field(default=None, metadata=_limit("Time in models per month."))
    run_s: float | None = field(default=None, metadata=_limit("Time in models per run."))
    call_s: float | None = field(default=None, metadata=_limit("Time per call of a model."))
    group_day_usd: Mapping[str, Decimal] = field(
        default_factory=dict[str, Decimal], metadata=_limit("Money per day of one group.")
    )
    group_month_usd: Mapping[str, Decimal] = field(
        default_factory=dict[str, Decimal], metadata=_limit("Money per month of one group.")
    )
    group_day_tokens: Mapping[str, int] = field(
        default_factory=dict[str, int], metadata=_limit("Tokens per day of one group.")
    )
    group_month_tokens: Mapping[str, int] = field(
        default_factory=dict[str, int], metadata=_limit("Tokens per month of one group.")
    )
    group_day_s: Mapping[str, float] = field(
        default_factory=dict[str, float], metadata=_limit("Time in models per day of one group.")
    )
    group_month_s: Mapping[str, float] = field(
        default_factory=dict[str, float], metadata=_limit("Time in models per month of one group.")
    )

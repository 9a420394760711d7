"""`ai edge fit`: which models this machine can run."""

from pathlib import Path
from typing import Annotated

import typer

from quintet.app.edge import fit as fit_this_machine
from quintet.engines.edge.device import Device
from quintet.engines.edge.fit import Estimate, FileFit, Row, gigabytes
from quintet.engines.edge.fit_machine import Fitting
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


@verb(
    does=Does.READS,
    results={
        "edge.fit/1": {
            "action": str,
            "device": Device,
            "memory_bytes_per_s": int,
            "context_tokens": int,
            "models": [Row],
            "best": str | None,
            "file": ({"estimate": Estimate, "longest_tokens": int, "why": str}, None),
        }
    },
    examples=("ai edge fit", "ai edge fit model.gguf", "ai edge fit --context 16384 --json"),
)
def fit(
    session: Session,
    model: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A GGUF model; its header is read.")
    ] = None,
    context_tokens: Annotated[
        int, typer.Option("--context", min=1, help="Tokens of text that it should keep in mind.")
    ] = 4096,
) -> None:
    """Which models this machine can run, at which quantisation, and how fast at best.

    Memory, processor and limits are read, and memory speed is measured by a short copy. Nothing is
    downloaded or loaded.
    """
    action, fitting = fit_this_machine(session.app, model, context_tokens)
    human = "\n".join(
        [_machine(fitting), "", _rows(session, fitting), "", *_advice(session, fitting)]
    )
    session.show("edge.fit/1", {"action": action, **_json(fitting)}, human)
    session.console.detail(f"why: ai why {action[:6]}")


def _machine(fitting: Fitting) -> str:
    device = fitting.device
    memory = f"{gigabytes(device.available_bytes)} of {gigabytes(device.total_bytes)}"
    speed = f"{gigabytes(fitting.bytes_per_s)}/s measured"
    lines = [f"{device.name}: {device.cores} cores, {memory} memory available, {speed}"]
    lines += [f"graphics: {', '.join(device.gpus)}"] if device.gpus else []
    if device.battery:
        state = "running on battery" if device.battery.is_discharging else "charging"
        lines.append(f"battery: {device.battery.percent} %, {state}")
    return "\n".join(lines)


def _rows(session: Session, fitting: Fitting) -> str:
    return session.table(
        ("model", "take", "memory", "tokens/s at most", "", "why"),
        [_row(row, fitting) for row in fitting.rows],
    )


def _row(row: Row, fitting: Fitting) -> tuple[str, ...]:
    chosen = row.recommended
    if chosen is None:
        return row.shape.name, "-", "-", "-", "no", row.why
    speed = _speed(chosen.tokens_per_s_at_most)
    memory = gigabytes(chosen.total_bytes)
    # The reason that decides everywhere stands once, below the table.
    why = "" if fitting.best and row.why == fitting.best.why else row.why
    return row.shape.name, chosen.quantisation, memory, speed, chosen.verdict.value, why


def _speed(tokens_per_s: float) -> str:
    return f"{tokens_per_s:.0f}" if tokens_per_s >= 1 else "less than 1"


def _advice(session: Session, fitting: Fitting) -> list[str]:
    if fitting.file:
        return [_file(fitting.file)]
    if fitting.best and fitting.best.recommended:
        best = f"{fitting.best.shape.name} at {fitting.best.recommended.quantisation}"
        return [f"best here: {session.console.style(best, 'bold')}, {fitting.best.why}"]
    return ["no usual model fits the memory that is available now"]


def _file(file: FileFit) -> str:
    estimate = file.estimate
    speed = _speed(estimate.tokens_per_s_at_most)
    return (
        f"{file.header.shape.name} {estimate.quantisation}: {estimate.verdict.value}, "
        f"{gigabytes(estimate.total_bytes)}, at most {speed} tokens/s, "
        f"up to {file.longest_tokens:,} tokens of context; {file.why}"
    )


def _json(fitting: Fitting) -> dict[str, object]:
    file = fitting.file
    return {
        "device": fitting.device,
        "memory_bytes_per_s": round(fitting.bytes_per_s),
        "context_tokens": fitting.context_tokens,
        "models": fitting.rows,
        "best": fitting.best.shape.name if fitting.best else None,
        "file": {"estimate": file.estimate, "longest_tokens": file.longest_tokens, "why": file.why}
        if file
        else None,
    }

"""`ai models test`: try a model out."""

from typing import Annotated

import typer

from quintet.app.models import Tested, try_model
from quintet.errors import QuintetError
from quintet.models.trial import Step
from quintet.platform.policy.plain import plain_text
from quintet_cli import exits
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_ERROR = dict.fromkeys(("code", "what", "why", "hint"), str)
_STEP = {"name": str, "result": str, "error": (_ERROR, None)}


@verb(
    does=Does.READS,
    results={
        "models.test/1": {
            "model": str,
            "steps": [_STEP],
            "first_text_s": float | None,
            "tokens_per_s": float | None,
        }
    },
    examples=(
        "ai models test qwen",
        "ai models test ~/Downloads/model.gguf",
        'ai models test haiku --prompt "Say hello."',
    ),
)
def test(
    session: Session,
    model: Annotated[
        str, typer.Argument(metavar="[MODEL|FILE|SPEC]", help="The default one if left out.")
    ] = "",
    prompt: Annotated[
        str, typer.Option("--prompt", help="What to ask it.")
    ] = "Name three primary colours.",
) -> int:
    """Ask a model for a text and for a value of a schema; a file that was added is hashed first.

    Calls are paid from the budget and pass the egress rules like any other.
    """
    tested = try_model(session.app, model, prompt)
    human = [_line(session, step) for step in tested.trial.steps]
    human += [_speed(tested)] if tested.trial.first_text_s is not None else []
    session.show("models.test/1", _body(tested), "\n".join(human))
    failure = tested.trial.failure
    if failure is None:
        return exits.OK
    if failure.hint:
        session.console.note(plain_text(f"do: {failure.hint}"))
    return exits.STATUS[failure.kind]


def _body(tested: Tested) -> dict[str, object]:
    trial = tested.trial
    return {
        "model": tested.model,
        "steps": [
            {"name": step.name, "result": step.result, "error": _error(step.error)}
            for step in trial.steps
        ],
        "first_text_s": trial.first_text_s,
        "tokens_per_s": trial.tokens_per_s,
    }


def _error(error: QuintetError | None) -> dict[str, str] | None:
    if error is None:
        return None
    return {"code": error.code, "what": error.what, "why": error.why, "hint": error.hint}


def _line(session: Session, step: Step) -> str:
    if step.error is None:
        return f"{session.console.style('✓', 'green')} {step.name}: {plain_text(step.result)}"
    told = f"{step.error.what}: {step.error.why}" if step.error.why else step.error.what
    return f"{session.console.style('✗', 'red')} {step.name}: {plain_text(told)}"


def _speed(tested: Tested) -> str:
    trial = tested.trial
    speed = f", {trial.tokens_per_s:.0f} tokens/s" if trial.tokens_per_s else ""
    return f"first text after {trial.first_text_s:.2f} s{speed}"

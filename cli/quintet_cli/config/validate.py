"""`ai config validate`: look for mistakes in all settings."""

from typing import Any

from quintet.errors import QuintetError
from quintet.platform.config.config import Notice
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb


def _line(session: Session, error: QuintetError) -> str:
    lead = session.console.style("✗" if _is_utf8(session) else "x", "red")
    hint = f"\n    do: {error.hint}" if error.hint else ""
    return f"{lead} {error}{hint}"


def _is_utf8(session: Session) -> bool:
    return (session.console.out.encoding or "ascii").lower().startswith("utf")


@verb(
    does=Does.READS,
    results={
        "config.validate/1": {"valid": bool, "problems": [dict[str, Any]], "ignored": [Notice]}
    },
    examples=("ai config validate", "ai config validate --config other.toml"),
)
def validate(session: Session) -> int:
    """Every value that cannot be used and every key that nobody knows, in all sources.

    Ends with 1 when a value cannot be used.
    """
    config = session.app.config
    problems = config.problems()
    notices = config.notices()
    found = [
        {"what": error.what, "why": error.why, "hint": error.hint, **error.details}
        for error in problems
    ]
    lines = [_line(session, error) for error in problems] or ["all settings can be used"]
    body = {"valid": not problems, "problems": found, "ignored": notices}
    session.show("config.validate/1", body, "\n".join(lines))
    return 1 if problems else 0

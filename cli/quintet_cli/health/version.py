"""`ai version`: the truth about what is installed."""

import platform
from importlib import metadata

from quintet.version import VERSION
from quintet_cli.session import Session
from quintet_cli.verb import Does, verb

_PARTS = ("duckdb", "cryptography", "numpy", "xllamacpp", "llama-cpp-python", "typer")


def _versions() -> dict[str, str]:
    found = {"ai": VERSION, "python": platform.python_version()}
    for part in _PARTS:
        try:
            found[part] = metadata.version(part)
        except metadata.PackageNotFoundError:
            found[part] = ""
    return found


@verb(
    does=Does.READS,
    results={"version/1": {"versions": dict[str, str]}},
    examples=("ai version", "ai version --json"),
)
def version(session: Session) -> None:
    """Versions of ai and of the parts that it stands on."""
    found = _versions()
    rows = [(name, number or "not installed") for name, number in found.items()]
    session.show("version/1", {"versions": found}, session.table(("part", "version"), rows))

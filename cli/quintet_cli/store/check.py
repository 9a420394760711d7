"""`ai store check`: read every row."""

from quintet.errors import Kind
from quintet.platform.store.upkeep import StoreCheck, Upkeep
from quintet_cli import exits
from quintet_cli.session import Session
from quintet_cli.store.choice import OptionalStore, stores
from quintet_cli.verb import Does, verb


def _text(session: Session, name: str, check: StoreCheck) -> str:
    rows = f"{sum(check.tables.values()):,} rows in {len(check.tables)} tables"
    if check.ok:
        return f"{session.console.style('ok', 'green')} {name}: {rows}, every one was read"
    lead = session.console.style("damaged", "red")
    problems = "\n".join(f"  {problem}" for problem in check.problems)
    return f"{lead} {name}: {rows}\n{problems}\n   do: ai store restore {name} BACKUP"


@verb(
    does=Does.READS,
    results={"store.check/1": {"healthy": bool, "stores": dict[str, StoreCheck]}},
    examples=("ai store check", "ai store check life"),
)
def check(session: Session, store: OptionalStore = "") -> int:
    """Read every row of every store and say whether all is well; ends with 7 where it is not."""
    found = {one.name: Upkeep(one).check() for one in stores(session.app, store)}
    healthy = all(one.ok for one in found.values())
    human = "\n".join(_text(session, name, one) for name, one in found.items())
    shown = {"healthy": healthy, "stores": found}
    session.show("store.check/1", shown, human or "nothing is stored yet")
    return exits.OK if healthy else exits.STATUS[Kind.INTEGRITY]

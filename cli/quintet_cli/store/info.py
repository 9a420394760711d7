"""`ai store info`: what is stored, and where."""

from quintet.platform.store.upkeep import StoreInfo, Upkeep
from quintet_cli.session import Session
from quintet_cli.store.choice import OptionalStore, stores
from quintet_cli.verb import Does, verb


def _text(session: Session, info: StoreInfo) -> str:
    how = "encrypted" if info.encrypted else "not encrypted"
    lines = [f"{session.console.style(info.name, 'bold')}  {info.path}"]
    lines += [f"  {info.size_bytes:,} bytes, {how}, {len(info.backups)} backups"]
    lines += [f"  {rows:>9,} rows  {table}" for table, rows in info.tables.items()]
    lines += [f"  view {view.name}: {view.comment}" for view in info.views]
    lines += [f"  backup {backup}" for backup in info.backups]
    if info.rejected_rows:
        lines.append(f"  {info.rejected_rows} appended rows fit no table: see quintet.rejected")
    return "\n".join(lines)


@verb(
    does=Does.READS,
    results={"store.info/1": {"stores": [StoreInfo]}},
    examples=("ai store info", "ai store info life --json"),
)
def info(session: Session, store: OptionalStore = "") -> None:
    """What is stored, where, how large, and the views that `ai store sql` can ask."""
    found = [Upkeep(database).info() for database in stores(session.app, store)]
    human = "\n".join(_text(session, one) for one in found)
    session.show("store.info/1", {"stores": found}, human or "nothing is stored yet")

"""`ai store vacuum`: write a store anew."""

from quintet.platform.store.upkeep import Upkeep, Vacuumed
from quintet_cli.session import Session
from quintet_cli.store.choice import OptionalStore, stores
from quintet_cli.verb import Does, verb


@verb(
    does=Does.DESTROYS,
    results={"store.vacuum/1": {"stores": dict[str, Vacuumed]}},
    examples=("ai store vacuum", "ai store vacuum life"),
)
def vacuum(session: Session, store: OptionalStore = "") -> None:
    """Write a store anew: it shrinks, and what was deleted leaves the disk."""
    done = {one.name: Upkeep(one).vacuum() for one in stores(session.app, store)}
    human = "\n".join(
        f"{name}: {one.size_before_bytes:,} bytes became {one.size_after_bytes:,}"
        for name, one in done.items()
    )
    session.show("store.vacuum/1", {"stores": done}, human or "nothing is stored yet")

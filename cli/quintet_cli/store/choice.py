"""Which stores a verb is about: the one that was named, or all that there are."""

from typing import Annotated

import typer

from quintet.app.home import DATABASES, App
from quintet.errors import NotFound
from quintet.platform.store.database import Database

OptionalStore = Annotated[
    str, typer.Argument(metavar="[STORE]", help="One store; without it, every store there is.")
]
OneStore = Annotated[str, typer.Argument(metavar="STORE", help=f"One of {', '.join(DATABASES)}.")]


def store_named(app: App, name: str) -> Database:
    """A store by its name."""
    if name not in DATABASES:
        raise NotFound(
            f"there is no store called '{name}'", why=f"the stores are: {', '.join(DATABASES)}"
        )
    return app.database(name)


def stores(app: App, name: str) -> list[Database]:
    """The named store, or those that exist already."""
    return [store_named(app, name)] if name else app.stores()

"""Aligned tables that fit the terminal, wide characters included."""

from collections.abc import Sequence
from io import StringIO


def aligned(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, colour: bool
) -> str:
    """A table without borders; the last column takes what width is left."""
    from rich import box
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    drawn = StringIO()
    RichConsole(
        file=drawn,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
    ).print(table)
    return "\n".join(line.rstrip() for line in drawn.getvalue().rstrip("\n").split("\n"))

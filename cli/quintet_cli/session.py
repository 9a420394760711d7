"""What a verb is handed: the application, the console, and the flags that every verb has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quintet.platform.policy.plain import plain_text
from quintet_cli.console import Console, table
from quintet_cli.traced import Traced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quintet.app.home import App
    from quintet.platform.policy.apply import Act

COMMON = "Flags of every verb"


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of the grammar, the same for every verb."""

    json: bool = False
    dry_run: bool = False
    yes: bool = False
    quiet: bool = False
    verbose: bool = False
    no_input: bool = False
    config: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one verb."""

    app: App
    console: Console
    flags: Flags
    traced: Traced = field(default_factory=lambda: Traced(()))

    @property
    def is_interactive(self) -> bool:
        """Whether somebody is there to be asked."""
        import sys

        return not self.flags.no_input and sys.stdin.isatty() and self.console.err.isatty()

    def show(self, schema: str, value: Any, human: str) -> None:
        self.console.show(schema, value, human)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        return table(self.console, columns, rows)

    def offer(self, kind: str, words: Mapping[str, str]) -> None:
        """Let TAB complete these words, each with a note, where a metavar is this kind."""
        from quintet_cli.completion.cache import remember

        remember(self.app.paths.cache_dir, kind, words)

    def tell_notices(self) -> None:
        """What was ignored in the settings, if this run read them at all."""
        if "config" not in vars(self.app):
            return
        lead = self.console.style("note:", "yellow", stream=self.console.err)
        for notice in self.app.config.notices():
            where = f" ({notice.where})" if notice.where else ""
            hint = f"; {notice.hint}" if notice.hint else ""
            self.console.note(f"{lead} {plain_text(f'{notice.what}{hint}{where}')}")

    def done(self, action: Act, what: str, *, can_undo: bool = True) -> None:
        """The line that follows every change: what was done, and how to take it back."""
        from quintet_cli.completion.cache import remember_one

        short = action.id[:6]
        # Without a note: what an action is about may be private, and the file is plain text.
        remember_one(self.app.paths.cache_dir, "ACTION", short, "")
        undo = f"   undo: ai undo {short}" if can_undo else "   this cannot be undone"
        self.console.note(f"done {short}  {what}{undo}   why: ai why {short}")

"""Traces put together with a home's settings, database and way out."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.errors import QuintetError
from quintet.platform.trace.spool import Spool

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.record.action import Action
    from quintet.platform.trace.archive import Archive, Run
    from quintet.platform.trace.export import Exporter, Outcome
    from quintet.platform.trace.settings import TraceSettings
    from quintet.platform.trace.span import Span
    from quintet.platform.trace.told import Told

# Groups that encrypt what they keep from their first row on: no content of theirs is ever traced.
_PRIVATE_GROUPS = frozenset({"life"})
# As many spans of one process can be sent when it ends; the others wait for `ai trace export`.
_SENT_AT_END = 2000


class Traces:
    """The traces of one home, and the one that this process writes."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lines: deque[bytes] = deque(maxlen=_SENT_AT_END)

    @cached_property
    def settings(self) -> TraceSettings:
        from quintet.platform.trace.settings import TraceSettings

        return self._app.config.section("trace", TraceSettings)

    @cached_property
    def _own_settings(self) -> TraceSettings | None:
        """The user's; None where nobody has set anything, which costs nothing to see."""
        try:
            return self.settings if _may_be_set(self._app) else None
        except QuintetError:
            # Settings that cannot be read are told by whoever needs them, and not by a trace.
            return None

    @cached_property
    def _spool(self) -> Spool:
        return Spool(self._app.paths.data_dir / "trace")

    @cached_property
    def archive(self) -> Archive:
        from quintet.platform.trace.archive import Archive

        database = self._app.database("trace")
        return Archive(self._spool, database, self.settings, self._app.clock)

    @property
    def _exporter(self) -> Exporter:
        from quintet.platform.trace.export import Exporter, endpoint_of, headers_of

        endpoint = endpoint_of(self.settings.endpoint, self._app.env)
        return Exporter(lambda: self._app.http, endpoint, headers_of(self._app.env))

    def begin(self, words: tuple[str, ...], flags: tuple[str, ...], line: Sequence[str]) -> Span:
        """The first span of this process: a verb with the names of its flags."""
        from quintet.platform.trace import conventions
        from quintet.platform.trace.parent import parent_of
        from quintet.platform.trace.tracer import Tracer
        from quintet.version import VERSION

        app = self._app
        tracer = Tracer(
            self._write,
            clock=app.clock,
            rng=app.trace_rng,
            parent=parent_of(app.env),
            keeps_content=self._keeps_content,
        )
        root = tracer.root(conventions.command(words, flags, VERSION, os.getpid()))
        root.offer(conventions.ARGUMENTS, lambda: ("ai", *line), ("mine",))
        return root

    def end(self, root: Span, status: int) -> None:
        """The last words of a process; sends its trace where the user wants that."""
        from quintet.platform.trace.conventions import ERROR, EXIT_CODE

        root.set(EXIT_CODE, status)
        if status and ERROR not in root.attributes:
            root.fail(f"exit.{status}")
        root.end()
        if root.owner is not None:
            root.owner.finish()
        if self._lines:
            self._send_at_end()

    def _write(self, lines: list[bytes]) -> None:
        settings = self._own_settings
        if settings is None or settings.enabled:
            self._spool.write(lines)
            if settings is not None and settings.export:
                self._lines.extend(lines)

    def _keeps_content(self, group: str) -> bool:
        settings = self._own_settings
        if settings is None or not settings.content or group in _PRIVATE_GROUPS:
            return False
        return not (group and self._app.keys.is_sealed(group))

    def _send_at_end(self) -> None:
        from quintet.platform.trace.told import Sent, Told, decode, encode_sent

        told = [span for line in self._lines if isinstance(span := decode(line), Told)]
        spans = [span for span in told if span.ended_ns]
        try:
            self._exporter.send(spans, timeout_s=self.settings.export_timeout_s)
        except QuintetError:
            # They stay where they are: `ai trace export` sends them, or says why it cannot.
            return
        ids = tuple(f"{span.trace_id}:{span.span_id}" for span in spans)
        self._spool.write([encode_sent(Sent(ids, int(self._app.clock.now().timestamp() * 1e9)))])

    def refresh(self) -> None:
        """Take in what was written since somebody last looked."""
        self.archive.fold()

    def runs(self, limit: int, *, every: bool = False) -> list[Run]:
        self.refresh()
        return self.archive.runs(limit, every=every)

    def run(self, name: str) -> list[Told]:
        """The spans of the run that a person named: by its id, that of an action, or `@-1`."""
        self.refresh()
        return self.archive.spans(self.archive.resolve(name))

    def page(self, spans: Sequence[Told]) -> str:
        from quintet.platform.trace.page import page

        return page(spans)

    def write_page(self, spans: Sequence[Told], path: Path) -> tuple[Path, Action]:
        """The page as a file, which undo takes away again or gives its old content back."""
        from quintet.platform.trace.parent import run_id

        place = self._app.cwd / path.expanduser()
        summary = f"a page about run {run_id(spans[0].trace_id)[:6]}"
        with self._app.record.action("trace", "show", summary) as action:
            action.write_file(place, self.page(spans).encode("utf-8", "replace"))
        return place, action

    def export(self, name: str, since: datetime | None) -> Outcome:
        """Send one run, or all that was not sent yet."""
        exporter = self._exporter
        self.refresh()
        if name:
            spans = [s for s in self.archive.spans(self.archive.resolve(name)) if s.ended_ns]
            return exporter.send_all([spans], self.archive.mark_sent)
        return exporter.send_all(self.archive.unsent(since), self.archive.mark_sent)


def _may_be_set(app: App) -> bool:
    """Whether a setting of ours could stand anywhere, without reading the settings: that alone
    costs more than all the spans of a short command.
    """
    in_environment = any(name.startswith("AI_TRACE__") for name in app.env)
    return in_environment or bool(app.given) or (app.paths.config_dir / "config.toml").exists()

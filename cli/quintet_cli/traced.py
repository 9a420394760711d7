"""The trace of one command line, from its flags to its exit status. It never gets in the way."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from quintet.errors import QuintetError

if TYPE_CHECKING:
    from typer._click import Context

    from quintet.app.home import App
    from quintet.platform.trace.span import Span


class Traced:
    """Begun once it is known which verb it is, and ended by whoever knows the status."""

    def __init__(self, line: Sequence[str]) -> None:
        self._line = line
        self._begun: tuple[App, Span] | None = None

    @contextmanager
    def verb(self, app: App, context: Context) -> Generator[None]:
        """The block is the verb at work; whatever happens in it belongs to its span."""
        words = tuple(context.command_path.split()[1:])
        try:
            root = app.traces.begin(words, _given(context), self._line)
        except QuintetError:
            # No home: there is nowhere to put a trace.
            yield
            return
        self._begun = app, root
        with root.active():
            try:
                yield
            except BaseException as error:
                root.fail(error)
                raise

    def end(self, status: int) -> None:
        """Write down how it ended; a file that cannot be written is passed over in silence."""
        if self._begun is not None:
            app, root = self._begun
            with suppress(QuintetError, OSError):
                app.traces.end(root, status)


def _given(context: Context) -> tuple[str, ...]:
    """The names of the flags on the command line, without their values."""
    given: list[str] = []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.param_type_name == "option" and source and source.name == "COMMANDLINE":
            given.append(max(parameter.opts, key=len))
    return tuple(given)

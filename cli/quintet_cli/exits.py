"""The one place where a failure becomes an exit status and words on the screen."""

import traceback
from collections.abc import Callable

from quintet.errors import Kind, QuintetError
from quintet_cli.console import Console, OutputLost, ReaderGone
from quintet_cli.streams import silence

OK = 0
BUG = 70
INTERRUPTED = 130
CLOSED_PIPE = 141

STATUS: dict[Kind, int] = {
    Kind.FAILED: 1,
    Kind.USAGE: 2,
    Kind.PARTIAL: 3,
    Kind.NEEDS_APPROVAL: 4,
    Kind.REFUSED: 5,
    Kind.BUDGET: 6,
    Kind.INTEGRITY: 7,
    Kind.BUSY: 8,
    Kind.UNAVAILABLE: 9,
    Kind.INTERRUPTED: INTERRUPTED,
}

MEANING: dict[int, str] = {
    OK: "done; also when there was nothing to do",
    1: "could not, for a reason that you can act on",
    2: "the words on the command line make no sense",
    3: "partly done; what is left is listed",
    4: "needs an approval or a login",
    5: "refused by policy",
    6: "the budget is spent",
    7: "integrity: wrong key, tampered or corrupt",
    8: "busy: another process, which is named, holds it",
    9: "not available here: a model, a tool or the network; with the command that helps",
    BUG: "a fault in ai; its id is on the screen and its trace is kept",
    INTERRUPTED: "interrupted, by Ctrl-C or SIGTERM",
    CLOSED_PIPE: "whoever read the output went away",
}


def guarded(act: Callable[[], int], console: Console) -> int:
    """Run `act` and turn whatever ends it into an exit status; nothing escapes as a traceback."""
    try:
        return _attempted(act, console)
    except ReaderGone:
        silence(console.out)
        return CLOSED_PIPE
    except OutputLost as error:
        silence(console.out)
        console.json = False
        console.failure(error)
        return STATUS[error.kind]


def _attempted(act: Callable[[], int], console: Console) -> int:
    try:
        status = act()
    except (OutputLost, ReaderGone):
        raise
    except QuintetError as error:
        console.failure(error)
        status = STATUS[error.kind]
    except KeyboardInterrupt:
        console.note("interrupted; what was done so far is in the record: ai log")
        status = INTERRUPTED
    except Exception as error:
        status = _bug(error, console)
    console.flush()
    return status


def _bug(error: Exception, console: Console) -> int:
    from quintet_cli.bugs import keep_trace

    trace = "".join(traceback.format_exception(error))
    bug_id, place = keep_trace(trace, console.env)
    console.bug(error, bug_id, place)
    return BUG

"""The one place where a failure becomes an exit status and words on the screen."""

import os
import sys
import traceback
from collections.abc import Callable

from quintet.errors import Kind, QuintetError
from quintet_cli.console import Console

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
        status = act()
        console.flush()
    except QuintetError as error:
        return _failed(error, console)
    except KeyboardInterrupt:
        console.note("interrupted; what was done so far is in the record: ai log")
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    except Exception as error:
        return _bug(error, console)
    return status


def _failed(error: QuintetError, console: Console) -> int:
    try:
        console.failure(error)
        console.flush()
    except BrokenPipeError:
        return _pipe_closed()
    return STATUS[error.kind]


def _pipe_closed() -> int:
    # The interpreter flushes stdout once more on its way out; let that go nowhere.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return CLOSED_PIPE


def _bug(error: Exception, console: Console) -> int:
    from quintet_cli.bugs import keep_trace

    trace = "".join(traceback.format_exception(error))
    bug_id, place = keep_trace(trace, console.env)
    console.bug(error, bug_id, place)
    return BUG

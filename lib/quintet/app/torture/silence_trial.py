"""The attack on silence: a command that tries to get out, sealed by the kernel."""

import sys
from pathlib import Path

from quintet.app.torture.trial import Deadline, Outcome
from quintet.errors import Kind, QuintetError
from quintet.platform.clock import SystemClock
from quintet.platform.confine.prove import prove_offline

_ESCAPES = (
    "create_connection(('127.0.0.1', 9), 1)",
    "socket(AF_INET, SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "socket(AF_UNIX).connect('/run/dbus/system_bus_socket')",
)


def attack_by_talking(folder: Path, deadline: Deadline) -> Outcome:
    """Run commands that try to connect: each attempt must be refused and counted."""
    outcome = Outcome()
    while not outcome.tries or not deadline.is_over:
        escape = _ESCAPES[outcome.tries % len(_ESCAPES)]
        outcome.tries += 1
        try:
            code = f"from socket import *\ntry:\n    {escape}\nexcept OSError:\n    pass"
            certificate = prove_offline([sys.executable, "-c", code], clock=SystemClock())
        except QuintetError as error:
            if error.kind is Kind.UNAVAILABLE:
                outcome.skipped = str(error)
                return outcome
            outcome.failed(str(error))
            continue
        if certificate.is_offline:
            outcome.failed("an attempt was not noticed")
    return outcome

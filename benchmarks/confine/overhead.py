"""What a seal costs: to start a command in it, and per call once it runs; beside the same without.

python benchmarks/confine/overhead.py [--starts 30] [--calls 2000] [--json]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from quintet.platform.clock import SystemClock
from quintet.platform.confine.prove import prove_offline

CALLS = """
import ctypes, json, os, socket, sys, time
count = int(sys.argv[1])
libc = ctypes.CDLL(None)
def per_call_us(act):
    act()
    started = time.perf_counter()
    for _ in range(count): act()
    return (time.perf_counter() - started) / count * 1e6
out = socket.socket()
one, other = socket.socketpair()
def connect():
    out.connect_ex(('127.0.0.1', 9))
def message():
    one.sendmsg([b'x']); other.recv(1)
def plain():
    one.send(b'x'); other.recv(1)
print(json.dumps({
    'getppid': per_call_us(libc.getppid),
    'open a file': per_call_us(lambda: os.close(os.open('/dev/null', os.O_RDONLY))),
    'send on a pair': per_call_us(plain),
    'sendmsg on a pair': per_call_us(message),
    'connect, refused': per_call_us(connect),
}))
"""


def sealed(command: list[str]) -> str:
    with tempfile.TemporaryFile() as output:
        prove_offline(command, clock=SystemClock(), stdout_fd=output.fileno())
        output.seek(0)
        return output.read().decode()


def plain(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def start_ms(run: Callable[[list[str]], object], starts: int, command: list[str]) -> float:
    times: list[float] = []
    for _ in range(starts):
        began = time.perf_counter()
        run(command)
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def starting(starts: int) -> dict[str, float]:
    """Milliseconds until `true` has ended, in the median."""
    ai = [sys.executable, "-m", "quintet_cli"]
    rows = {
        "true": start_ms(plain, starts, ["true"]),
        "python -c pass": start_ms(plain, starts, [sys.executable, "-c", "pass"]),
        "true, sealed": start_ms(sealed, starts, ["true"]),
        "ai version": start_ms(plain, starts, [*ai, "version"]),
        "ai prove offline -- true": start_ms(
            plain, starts, [*ai, "prove", "offline", "--", "true"]
        ),
    }
    if shutil.which("bwrap"):
        wrapper = ["bwrap", "--unshare-all", "--dev-bind", "/", "/"]
        rows["true, in bwrap (no proof)"] = start_ms(plain, starts, [*wrapper, "true"])
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=30)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["AI_HOME"] = home
        os.environ["PYTHONPATH"] = ":".join(str(Path(p)) for p in ("cli", "lib"))
        starts = starting(options.starts)
    command = [sys.executable, "-c", CALLS, str(options.calls)]
    calls = {name: json.loads(run(command)) for name, run in (("plain", plain), ("sealed", sealed))}
    if options.json:
        print(json.dumps({"start_ms": starts, "call_us": calls}))
        return 0
    for name, time_ms in starts.items():
        print(f"{name:<30} {time_ms:8.1f} ms")
    print(f"\n{'per call':<30} {'plain':>8} {'sealed':>8} µs")
    for name, time_us in calls["plain"].items():
        print(f"{name:<30} {time_us:8.1f} {calls['sealed'][name]:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A stray connection of our own process becomes a message that names it. Each case has a process
of its own, for what Python's audit hooks begin cannot be ended."""

import os
import subprocess
import sys

import pytest

PRELUDE = """
import socket, threading
from quintet.errors import Kind
from quintet.platform.confine.guard import Guard
from quintet.platform.policy.egress import EgressRefused
guard = Guard()
guard.install()
listener = socket.create_server(("127.0.0.1", 0))
here = listener.getsockname()
def refused(act):
    try:
        act()
    except EgressRefused as error:
        return error.kind is Kind.REFUSED and error.details["destination"]
    return "nothing was refused"
"""


def guarded(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-c", f"{PRELUDE}\n{code}"]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return ran.stdout.strip() or ran.stderr


@pytest.mark.demand("EGRESS-8")
@pytest.mark.parametrize(
    ("act", "named"),
    [
        ("lambda: socket.create_connection(here)", None),
        ("lambda: socket.socket().connect(here)", None),
        ("lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', here)", None),
        ("lambda: socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, here)", None),
        ("lambda: socket.getaddrinfo('example.com', 80)", "example.com"),
        ("lambda: socket.gethostbyname('example.com')", "example.com"),
    ],
)
def test_what_did_not_ask_is_refused_by_name(act: str, named: str | None) -> None:
    destination = guarded(f"print(refused({act}) == ({named!r} or '%s:%d' % here))")
    assert destination == "True"


def test_what_asked_passes_in_its_own_thread_and_for_its_own_time() -> None:
    code = """
with guard.passage(*here):
    socket.create_connection(here).close()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(refused(
        lambda: socket.create_connection(here))))
    thread.start(); thread.join()
print(answers == ['%s:%d' % here], refused(lambda: socket.create_connection(here)) != '')
"""
    assert guarded(code) == "True True"


def test_what_leaves_no_machine_is_not_hindered() -> None:
    code = """
a, b = socket.socketpair(); a.send(b'x')
socket.getaddrinfo(None, 80); socket.getaddrinfo('127.0.0.1', 80); socket.getaddrinfo('::1', 80)
local = socket.socket(socket.AF_UNIX)
try:
    local.connect('/nonexistent')
except FileNotFoundError:
    print('fine')
"""
    assert guarded(code) == "fine"


def test_the_http_client_passes_the_guard_for_what_the_rules_allow() -> None:
    code = """
from quintet.platform.clock import SystemClock
from quintet.platform.http.client import Http
from quintet.platform.http.message import HttpRequest
from quintet.platform.policy.egress import Egress
from quintet.platform.policy.rule import LOCAL_MODELS
from quintet.platform.rng import SeededRng
class Kept:
    def append(self, attempt): self.last = attempt
    def rules(self): return [LOCAL_MODELS]
def serve():
    connection, _ = listener.accept(); connection.recv(999)
    connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')
threading.Thread(target=serve, daemon=True).start()
kept = Kept()
http = Http(Egress(kept, kept, SystemClock()), clock=SystemClock(), rng=SeededRng(1),
            passage=guard.passage)
url = f'http://localhost:{here[1]}/'
print(http.send(HttpRequest('GET', url, 'model', frozenset())).text)
"""
    assert guarded(code) == "ok"

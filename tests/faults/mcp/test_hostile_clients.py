"""Clients that send garbage, too much, too often, or go away in the middle."""

import json
import select
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.mcp_peers import SERVE, environment, http_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
HELLO = {
    "protocolVersion": "2024-11-05",
    "capabilities": {},
    "clientInfo": {"name": "old\u202e\x1bclient" + "x" * 1000, "version": "1"},
}


class Wire:
    """A server spoken to by hand."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *SERVE, "--tools", "all"],
            env=environment(home), cwd=home,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def send(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        assert self.process.stdin
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def ask(self, id: int, method: str, **params: Any) -> None:
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})

    def hear(self, id: int | None) -> dict[str, Any]:
        assert self.process.stdout
        while True:
            message = json.loads(self.process.stdout.readline())
            if message.get("id") == id:
                return message

    def is_silent_for(self, seconds: float) -> bool:
        return not select.select([self.process.stdout], [], [], seconds)[0]

    def greet(self) -> dict[str, Any]:
        self.ask(0, "initialize", **HELLO)
        answer = self.hear(0)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer


@pytest.fixture
def wire(tmp_path: Path) -> Generator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.process.kill()
    wire.process.wait(timeout=30)
    for stream in (wire.process.stdin, wire.process.stdout, wire.process.stderr):
        assert stream
        stream.close()


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def wait_until(holds: Any, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.demand("MCP-5")
def test_a_client_of_the_oldest_protocol_is_served(wire: Wire) -> None:
    assert wire.greet()["result"]["protocolVersion"] == "2024-11-05"
    wire.ask(1, "tools/call", name="version", arguments={})
    assert wire.hear(1)["result"]["structuredContent"]["schema"] == "ai.version/1"


@pytest.mark.demand("MCP-5")
def test_garbage_is_answered_and_the_next_message_served(wire: Wire) -> None:
    wire.greet()
    for garbage in (b"", b"\xff\xfe", b"{", b"[]", b"null", b'{"jsonrpc":"1.0"}', b"[" * 100_000):
        wire.send(garbage)
    for id, (method, params) in enumerate(
        [
            ("no/such", {}),
            ("tools/call", {}),
            ("tools/call", {"name": 7}),
            ("tools/list", {"x": 1}),
        ],
        start=10,
    ):
        wire.ask(id, method, **params)
    assert "error" in wire.hear(10)
    assert "error" in wire.hear(11)
    assert "error" in wire.hear(12)
    wire.ask(99, "tools/call", name="version", arguments={})
    assert wire.hear(99)["result"]["isError"] is False


@pytest.mark.demand("MCP-5")
def test_a_huge_message_is_dropped_without_being_kept(wire: Wire) -> None:
    wire.greet()
    block = b"x" * (1 << 20)
    assert wire.process.stdin
    for _ in range(100):
        wire.process.stdin.write(block)
    wire.send(b"")
    wire.ask(1, "tools/call", name="version", arguments={})
    assert wire.hear(1)["result"]["isError"] is False
    status = Path(f"/proc/{wire.process.pid}/status").read_text()
    peak_kib = int(status.partition("VmHWM:")[2].split()[0])
    assert peak_kib < 250_000


@pytest.mark.demand("MCP-5")
def test_a_flood_is_turned_away_and_a_few_calls_run_at_once(wire: Wire) -> None:
    wire.greet()
    for id in range(1, 121):
        wire.ask(id, "tools/call", name="version", arguments={})
    refused = 0
    for _ in range(120):
        assert wire.process.stdout
        result = json.loads(wire.process.stdout.readline())["result"]
        error = result["structuredContent"].get("error", {})
        refused += error.get("code") == "mcp.too_many_calls"
        assert len(children_of(wire.process.pid)) <= 5
    assert 0 < refused <= 120 - 64
    wire.ask(999, "tools/call", name="version", arguments={})
    assert wire.hear(999)["result"]["isError"] is False


@pytest.mark.demand("MCP-5")
@pytest.mark.demand("MCP-6")
def test_a_client_that_vanishes_takes_its_calls_with_it(wire: Wire, tmp_path: Path) -> None:
    wire.greet()
    wire.ask(1, "tools/call", name="code_locate", arguments={"path": str(slow_project(tmp_path))})
    wait_until(lambda: sleepers(tmp_path))
    assert wire.process.stdin
    wire.process.stdin.close()
    wire.process.wait(timeout=30)
    wait_until(lambda: not sleepers(tmp_path))


@pytest.mark.demand("MCP-6")
def test_a_call_that_is_cancelled_ends_with_all_its_children(wire: Wire, tmp_path: Path) -> None:
    wire.greet()
    wire.ask(1, "tools/call", name="code_locate", arguments={"path": str(slow_project(tmp_path))})
    wait_until(lambda: sleepers(tmp_path))
    wire.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
    wait_until(lambda: not sleepers(tmp_path))
    wire.ask(2, "tools/call", name="version", arguments={})
    assert wire.hear(2)["result"]["isError"] is False


def test_a_module_in_the_current_folder_is_not_run_by_a_call(wire: Wire, tmp_path: Path) -> None:
    wire.greet()
    for name in ("json", "typer", "quintet_cli"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the folder was run')")
    wire.ask(1, "tools/call", name="version", arguments={})
    assert wire.hear(1)["result"]["isError"] is False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_without_a_trace(wire: Wire, number: signal.Signals) -> None:
    wire.greet()
    wire.process.send_signal(number)
    _, err = wire.process.communicate(timeout=30)
    assert b"Traceback" not in err
    assert wire.process.returncode in (0, 130)


def slow_project(folder: Path) -> Path:
    """A project whose tests never end, in a process that can be told from all others."""
    project = folder / "slow"
    (project / "tests").mkdir(parents=True)
    (project / "tests" / "test_slow.py").write_text(
        f"import subprocess\ndef test_slow():\n    subprocess.run(['sleep', '{marker(folder)}'])\n"
    )
    return project


def marker(folder: Path) -> str:
    return f"1{abs(hash(str(folder))) % 10**8}"


def sleepers(folder: Path) -> list[str]:
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if marker(folder).encode() in words:
                found.append(entry.name)
    return found


@pytest.mark.demand("MCP-7")
def test_nobody_is_served_without_the_token_or_by_another_name(tmp_path: Path) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}
    plain = {"Accept": "application/json, text/event-stream"}
    with http_server(tmp_path) as (url, token):
        known = plain | {"Authorization": f"Bearer {token}"}

        def status(headers: dict[str, str], content: bytes = json.dumps(body).encode()) -> int:
            headers = {"Content-Type": "application/json"} | headers
            return httpx2.post(url, content=content, headers=headers, timeout=30).status_code

        assert status(plain) == 401
        assert status(plain | {"Authorization": "Bearer wrong"}) == 401
        assert status(plain | {"Authorization": f"Basic {token}"}) == 401
        assert status(known) == 200
        assert status(known | {"Host": "evil.example:80"}) == 421
        assert status(known | {"Origin": "https://evil.example"}) == 403
        assert status(known, b"{") == 400
        assert status(known, b"x" * (5 << 20)) == 413
        place = tmp_path / "ai" / "data" / "mcp" / "token"
        assert place.stat().st_mode & 0o077 == 0


@pytest.mark.demand("MCP-7")
def test_only_this_machine_is_listened_to(tmp_path: Path) -> None:
    with http_server(tmp_path) as (url, _token):
        port = int(url.split(":")[2].partition("/")[0])
        listening = [
            line.split()[1]
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
            if line.split()[3] == "0A"
        ]
        assert [place for place in listening if place.endswith(f":{port:04X}")] == [
            f"0100007F:{port:04X}"
        ]


def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path) -> None:
    with http_server(tmp_path) as (url, _token):
        port = url.split(":")[2].partition("/")[0]
        second = subprocess.run(
            [sys.executable, *SERVE, "--http", port],
            env=environment(tmp_path), capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    assert second.returncode == 8
    assert b"cannot be used" in second.stderr


@pytest.mark.demand("MCP-6")
def test_a_client_that_hangs_up_over_http_holds_nobody_up(tmp_path: Path) -> None:
    """What its call started is ended at the latest by the time limit of a call."""
    arguments = {"path": str(slow_project(tmp_path))}
    call = {"name": "code_locate", "arguments": arguments}
    config = tmp_path / "ai" / "config"
    config.mkdir(parents=True)
    (config / "config.toml").write_text("[mcp]\ncall_timeout_s = 20\n")
    with http_server(tmp_path) as (url, token):
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
        }
        with httpx2.Client(headers=headers, timeout=30) as client:
            body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}
            session = client.post(url, json=body).headers["mcp-session-id"]
            known = {"mcp-session-id": session}
            body = {"jsonrpc": "2.0", "method": "notifications/initialized"}
            client.post(url, json=body, headers=known)
            body = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call}
            with client.stream("POST", url, json=body, headers=known):
                wait_until(lambda: sleepers(tmp_path))
            body["params"] = {"name": "version", "arguments": {}}
            assert client.post(url, json=body | {"id": 3}, headers=known).status_code == 200
        wait_until(lambda: not sleepers(tmp_path), 40)

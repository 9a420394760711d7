"""Any command, sealed by the kernel: what it tries is refused, counted and named."""

import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quintet.errors import Kind, UsageError
from quintet.platform.clock import SystemClock
from quintet.platform.confine.certificate import certificate_lines
from quintet.platform.confine.machine import CannotSeal, machine_here
from quintet.platform.confine.prove import CommandMissing, prove_offline
from support.offline import Doors, as_nobody, python_offline, run_offline, why_not_here

demand = pytest.mark.demand


@pytest.fixture(autouse=True, scope="module")
def _sealing() -> None:
    if reason := why_not_here():
        pytest.skip(reason)


@pytest.fixture
def doors(tmp_path: Path) -> Generator[Doors]:
    with Doors(tmp_path) as opened:
        yield opened
        assert opened.arrived() == set()


def test_an_ordinary_command_runs_as_ever_and_gets_a_clean_certificate() -> None:
    run = run_offline("sh", "-c", "echo out; cat /etc/hostname >/dev/null; exit 7")
    assert run.output == "out\n"
    assert run.certificate.exit_status == 7
    assert run.certificate.is_offline
    assert run.tried == set()
    assert certificate_lines(run.certificate)[0].endswith("tried to reach nobody")


def test_a_command_that_a_signal_ends_is_counted_as_shells_do() -> None:
    assert run_offline("sh", "-c", "kill -TERM $$").certificate.exit_status == 128 + 15


def test_a_command_that_is_not_there_is_said_before_anything_is_certified(tmp_path: Path) -> None:
    for name in ("no-such-command", str(tmp_path), "/etc/hostname"):
        with pytest.raises(CommandMissing, match="could not start"):
            run_offline(name)
    with pytest.raises(UsageError):
        run_offline()


@demand("OFFLINE-2")
def test_every_probe_is_refused_inside_and_the_network_ones_arrive_outside() -> None:
    probes = {probe.name: probe for probe in run_offline("true").certificate.probes}
    assert all(probe.is_refused for probe in probes.values())
    for name in ("tcp", "udp", "unix socket", "unix datagram", "abstract unix socket"):
        assert probes[name].outside == "reached"
        assert probes[name].is_noticed
    assert probes["name lookup"].outside == "not tried"


CONNECT = "import socket,sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)"
WAYS_TO_THE_TCP_DOOR = {
    "directly": CONNECT,
    "from a thread": f"""
import threading
def reach():
    {CONNECT}
thread = threading.Thread(target=reach); thread.start(); thread.join()""",
    "from a grandchild": f"""
import subprocess, sys
code = {CONNECT!r}
subprocess.run(['sh', '-c', '"$0" -c "$1" $2; true', sys.executable, code, sys.argv[1]])""",
    "from a process that outlives the command": f"""
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(0.3)
        {CONNECT}
    os._exit(0)""",
    "without waiting": """
import socket, sys
s = socket.socket(); s.setblocking(False)
s.connect(('127.0.0.1', int(sys.argv[1])))""",
    "as an address of the newer protocol": """
import socket, sys
s = socket.socket(socket.AF_INET6)
s.connect(('::ffff:127.0.0.1', int(sys.argv[1])))""",
    "after options that only such sockets have": """
import socket, sys
s = socket.socket(); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
s.bind(('0.0.0.0', 0)); s.connect(('127.0.0.1', int(sys.argv[1])))""",
    "with the first data in the opening packet": """
import socket, sys
s = socket.socket(); s.sendto(b'x', socket.MSG_FASTOPEN, ('127.0.0.1', int(sys.argv[1])))""",
    "past the C library": """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
fd = libc.socket(2, 1, 0)
port = struct.pack('>H', int(sys.argv[1]))
libc.connect(fd, struct.pack('<H', 2) + port + bytes([127, 0, 0, 1]) + bytes(8), 16)""",
}


@demand("OFFLINE-1")
@pytest.mark.parametrize("way", WAYS_TO_THE_TCP_DOOR)
def test_a_planted_connection_is_refused_counted_and_named(doors: Doors, way: str) -> None:
    run = python_offline(WAYS_TO_THE_TCP_DOOR[way], str(doors.port("tcp")))
    assert not run.certificate.is_offline
    destinations = {destination for _, destination in run.tried}
    port = doors.port("tcp")
    assert destinations <= {f"127.0.0.1:{port}", f"[::ffff:127.0.0.1]:{port}"}
    assert len(destinations) == 1


@demand("OFFLINE-1")
@pytest.mark.parametrize(
    "send",
    [
        "s.sendto(b'x', to)",
        "s.sendmsg([b'x'], [], 0, to)",
        "s.connect(to); s.send(b'x')",
    ],
)
def test_a_planted_datagram_is_refused_counted_and_named(doors: Doors, send: str) -> None:
    code = (
        "import socket, sys; to = ('127.0.0.1', int(sys.argv[1]))\n"
        f"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); {send}"
    )
    run = python_offline(code, str(doors.port("udp")))
    assert {destination for _, destination in run.tried} == {f"127.0.0.1:{doors.port('udp')}"}


@demand("OFFLINE-3")
@pytest.mark.parametrize(
    ("code", "destination"),
    [
        ("socket.socket(socket.AF_UNIX).connect(sys.argv[1] + '/s')", "{dir}/s"),
        ("socket.socket(socket.AF_UNIX).connect('\\0' + sys.argv[1])", "@{dir}"),
        ("socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(sys.argv[1])", "{dir}"),
        (
            "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', sys.argv[1] + '/d')",
            "{dir}/d",
        ),
        ("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect(sys.argv[1] + '/d')", "{dir}/d"),
    ],
)
def test_helpers_behind_local_sockets_are_out_of_reach(
    doors: Doors, code: str, destination: str
) -> None:
    run = python_offline(f"import socket, sys; {code}", str(doors.directory))
    expected = destination.format(dir=doors.directory)
    assert expected in {destination for _, destination in run.tried}


@pytest.mark.slow
@demand("OFFLINE-3")
@pytest.mark.parametrize(
    "code",
    [
        # A paired datagram socket could be pointed at any path afterwards.
        "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.sendto(b'x', path)",
        # SOCK_RAW is another word for the same.
        "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW); a.sendto(b'x', path)",
        # An address in a message is nothing that a filter could see.
        "socket.socket(socket.AF_UNIX).sendmsg([b'x'], [], 0, path)",
        "socket.socketpair(socket.AF_UNIX)[0].sendmsg([b'x'], [], 0, path)",
        "socket.socketpair(1, socket.SOCK_SEQPACKET)[0].sendmsg([b'x'], [], 0, path)",
    ],
)
def test_no_local_socket_that_is_given_can_be_pointed_at_a_helper(doors: Doors, code: str) -> None:
    python_offline(f"import socket, sys; path = sys.argv[1] + '/d'\n{code}", str(doors.directory))


@demand("OFFLINE-3")
def test_a_server_waits_where_nobody_can_come_in(tmp_path: Path) -> None:
    code = """
import socket, sys
local, web = socket.socket(socket.AF_UNIX), socket.socket()
local.bind(sys.argv[1] + "/door")
web.bind(("127.0.0.1", 0))
web.setblocking(False)
for server in local, web:
    server.listen()
    print(server.getsockname()[1:].decode())
print(local.getblocking(), web.getblocking())
local.settimeout(0.2)
try:
    local.accept()
except TimeoutError:
    print("nobody came")
"""
    run = python_offline(code, str(tmp_path))
    *names, blocking, end = run.output.split("\n")[:-1]
    assert (blocking, end) == ("True False", "nobody came")
    assert len(set(names)) == 2
    assert run.certificate.exit_status == 0
    assert run.certificate.is_offline
    assert not (tmp_path / "door").exists()
    assert [refused.call for refused in run.certificate.refused] == ["bind", "listen"]


@demand("OFFLINE-3")
def test_the_name_at_which_a_server_waits_leads_nowhere_outside(tmp_path: Path) -> None:
    code = """
import pathlib, socket, sys, time
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
place = pathlib.Path(sys.argv[1])
(place / "new").write_bytes(server.getsockname())
(place / "new").rename(place / "name")
while not (place / "tried").exists():
    time.sleep(0.01)
"""

    def knock() -> str:
        while not (tmp_path / "name").exists():
            time.sleep(0.01)
        with socket.socket(socket.AF_UNIX) as visitor:
            try:
                visitor.connect((tmp_path / "name").read_bytes())
            except ConnectionRefusedError:
                return "refused"
            finally:
                (tmp_path / "tried").touch()
        return "let in"

    with ThreadPoolExecutor() as pool:
        knocked = pool.submit(knock)
        run = python_offline(code, str(tmp_path))
        assert knocked.result() == "refused"
    assert run.certificate.exit_status == 0


@pytest.mark.slow
@demand("OFFLINE-1")
@pytest.mark.parametrize("family", [16, 17, 21, 29, 31, 38, 40, 41, 42, 43, 44])
def test_sockets_of_every_other_family_are_refused(family: int) -> None:
    code = "import socket, sys; socket.socket(int(sys.argv[1]), socket.SOCK_RAW)"
    run = python_offline(code, str(family))
    assert run.certificate.exit_status == 1
    is_question_to_the_kernel = family in (socket.AF_NETLINK, socket.AF_ALG)
    assert run.certificate.is_offline is is_question_to_the_kernel


def test_the_name_that_a_program_looks_up_is_in_the_certificate() -> None:
    code = "import socket; socket.getaddrinfo('telemetry.example.com', 443)"
    run = python_offline(code)
    if not run.tried:
        pytest.skip("this machine's resolver asks nobody")
    assert not run.certificate.is_offline
    assert run.certificate.exit_status == 1


def test_asking_for_the_names_of_users_is_refused_but_is_no_attempt() -> None:
    run = python_offline("import pwd\ntry: pwd.getpwuid(4242)\nexcept KeyError: print('nobody')")
    assert run.output == "nobody\n"
    assert run.certificate.is_offline


@demand("OFFLINE-1")
def test_a_flood_of_attempts_is_counted_to_the_last_one(doors: Doors) -> None:
    code = """
import socket, sys
for _ in range(500):
    s = socket.socket(); s.connect_ex(('127.0.0.1', int(sys.argv[1]))); s.close()"""
    run = python_offline(code, str(doors.port("tcp")))
    assert run.certificate.reaching == 500
    assert [refused.count for refused in run.certificate.refused if refused.reaching] == [500]


CALLS = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(number, *arguments)
    print('refused' if result < 0 else 'done', ctypes.get_errno())
"""


@pytest.mark.slow
@demand("OFFLINE-3")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("io_uring_setup", "1, ctypes.create_string_buffer(120)"),
        ("io_uring_enter", "0, 1, 0, 0, None, 0"),
        ("request_key", "b'dns_resolver', b'evil.example', None, 0"),
        ("add_key", "b'user', b'a', b'b', 1, -2"),
        ("keyctl", "0, -3, 0, 0, 0"),
        ("ptrace", "16, int(sys.argv[1]), 0, 0"),
        ("process_vm_writev", "int(sys.argv[1]), None, 0, None, 0, 0"),
        ("pidfd_getfd", "os.pidfd_open(int(sys.argv[1])), 0, 0"),
        ("msgget", "0, 0o1600"),
    ],
)
def test_calls_that_would_borrow_somebody_elses_network_are_refused(
    name: str, arguments: str
) -> None:
    number = machine_here().calls[name]
    run = python_offline(f"{CALLS}\ncall({number}, {arguments})", str(os.getpid()))
    assert run.output.startswith("refused")
    assert name in {refused.call for refused in run.certificate.refused}


@demand("OFFLINE-3")
def test_other_processes_of_the_user_cannot_be_read_written_or_signalled() -> None:
    if not _has_mechanism("landlock"):
        pytest.skip("this kernel has no Landlock")
    with subprocess.Popen(["sleep", "30"]) as other:
        code = """
import os, sys
pid = sys.argv[1]
for attempt in (lambda: open(f'/proc/{pid}/mem', 'r+b'), lambda: open(f'/proc/{pid}/fd/0'),
                lambda: os.kill(int(pid), 9), lambda: os.kill(os.getppid(), 9)):
    try: attempt(); print('done')
    except OSError as error: print('refused')"""
        run = python_offline(code, str(other.pid))
        assert other.poll() is None
        other.kill()
    assert run.output.split() == ["refused"] * 4


def _has_mechanism(name: str) -> bool:
    mechanisms = run_offline("true").certificate.mechanisms
    return any(mechanism.name == name and mechanism.is_active for mechanism in mechanisms)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small programs in C that use no library."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("compiled")
    for source in (Path(__file__).parent / "programs").glob("*.c"):
        command = [compiler, "-static", "-O1", "-o", str(folder / source.stem), str(source)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            subprocess.run([*command, "-m32"], capture_output=True, check=False)
    return folder


@demand("OFFLINE-1")
def test_a_static_program_is_held_like_any_other(compiled: Path, doors: Doors) -> None:
    run = run_offline(str(compiled / "reach"), str(doors.port("tcp")), str(doors.port("udp")))
    assert run.output == "tcp 101\nudp 101\nmany 101\n"
    destinations = {destination for _, destination in run.tried}
    assert destinations == {f"127.0.0.1:{doors.port('tcp')}", f"127.0.0.1:{doors.port('udp')}"}


@demand("OFFLINE-3")
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="other interfaces of x86_64")
@pytest.mark.parametrize("name", ["call32", "callx32"])
def test_calls_by_another_interface_end_the_process_and_count(compiled: Path, name: str) -> None:
    program = compiled / name
    run = run_offline("sh", "-c", f"{program}; echo survived with $?")
    assert run.output == "survived with 137\n"
    assert {call for call, _ in run.tried} == {"foreign system call"}


def test_what_programs_do_among_themselves_still_works(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    code = """
import asyncio, multiprocessing, os, socket, subprocess, sys
print(asyncio.run(asyncio.sleep(0, 'asyncio')))
with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))
print(subprocess.run('echo a | cat', shell=True, capture_output=True).stdout)
a, b = socket.socketpair()
read, write = os.pipe()
socket.send_fds(a, [b'fd'], [write])
os.write(socket.recv_fds(b, 9, 1)[1][0], b'through'); print(os.read(read, 9))
open(sys.argv[1] + '/from/x', 'w').close()
os.rename(sys.argv[1] + '/from/x', sys.argv[1] + '/to/x')
os.kill(os.getpid(), 0); print('ok')"""
    run = python_offline(code, str(tmp_path))
    assert run.output.splitlines() == ["asyncio", "[1, 2]", "b'a\\n'", "b'through'", "ok"]
    assert run.certificate.is_offline


def test_nothing_but_plain_files_and_pipes_is_inherited(tmp_path: Path) -> None:
    run = run_offline(
        "sh", "-c", "ls -l /proc/self/fd | grep -c socket; grep Seccomp: /proc/self/status"
    )
    assert run.output.split() == ["0", "Seccomp:", "2"]


INHERIT = """
import os, socket, sys
from quintet.platform.clock import SystemClock
from quintet.platform.confine.prove import prove_offline
certificate = prove_offline(sys.argv[1:], clock=SystemClock())
print(certificate.exit_status, certificate.is_offline, file=sys.stderr)
"""


def _prove_in_child(*command: str, **options: object) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", INHERIT, *command],
        text=True,
        env=environment,
        capture_output="stdout" not in options,
        timeout=30,
        check=False,
        **options,
    )


@demand("OFFLINE-3")
def test_an_inherited_connection_is_not_handed_on(doors: Doors) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as open_way:
        open_way.connect(("127.0.0.1", doors.port("udp")))
        fd = open_way.fileno()
        code = f"import os\ntry: print(os.write({fd}, b'x'))\nexcept OSError as e: print(-e.errno)"
        ran = _prove_in_child(sys.executable, "-c", code, pass_fds=[fd])
    assert ran.stdout == "-9\n"


@pytest.mark.slow
def test_standard_streams_that_are_sockets_become_pipes(doors: Doors) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"to the command\n")
        ours.shutdown(socket.SHUT_WR)
        command = "ls -l /proc/self/fd | grep -c socket; cat"
        ran = _prove_in_child(
            "sh", "-c", command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
        )
        theirs.close()
        with ours.makefile() as output:
            assert output.read() == "0\nto the command\n"
    assert ran.stderr == "0 True\n"


def test_a_pipe_that_the_shell_opened_for_the_command_is_kept() -> None:
    read, write = os.pipe()
    os.write(write, b"through fd\n")
    os.close(write)
    ran = _prove_in_child("cat", f"/dev/fd/{read}", pass_fds=[read])
    os.close(read)
    assert ran.stdout == "through fd\n"


def test_a_terminal_stays_one_and_cannot_be_typed_into() -> None:
    code = (
        "import fcntl, os, sys; print(sys.stdin.isatty())\n"
        "try: fcntl.ioctl(0, 0x5412, b'x'); print('typed')\n"
        "except OSError as error: print(error.errno)"
    )
    ours, theirs = pty.openpty()
    ran = _prove_in_child(sys.executable, "-c", code, stdin=theirs)
    os.close(ours)
    os.close(theirs)
    assert ran.stdout == "True\n1\n"


@pytest.mark.slow
def test_what_the_command_leaves_running_is_ended_and_told() -> None:
    started = time.monotonic()
    run = run_offline("sh", "-c", "sleep 61 & sleep 62 & echo $!")
    assert time.monotonic() - started < 10
    assert run.certificate.ended_processes == 2
    assert not Path(f"/proc/{run.output.strip()}").exists()


@pytest.mark.slow
@demand("OFFLINE-4")
def test_without_its_supervisor_a_command_dies_and_nothing_is_certified(tmp_path: Path) -> None:
    started = tmp_path / "pids"
    failure: list[BaseException] = []

    def prove() -> None:
        try:
            prove_offline(
                [
                    "sh",
                    "-c",
                    f"echo $$ $PPID > {started}.new; mv {started}.new {started}; sleep 63",
                ],
                clock=SystemClock(),
            )
        except CannotSeal as error:
            failure.append(error)

    thread = threading.Thread(target=prove)
    thread.start()
    while not started.exists():
        time.sleep(0.01)
    command, supervisor = map(int, started.read_text().split())
    os.kill(supervisor, signal.SIGKILL)
    thread.join(10)
    assert len(failure) == 1
    _wait_for_the_end_of(command)


@pytest.mark.slow
@demand("OFFLINE-4")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_when_ai_is_stopped_the_command_is_too(tmp_path: Path, ending: signal.Signals) -> None:
    started = tmp_path / "pid"
    code = f"echo $$ > {started}.new; mv {started}.new {started}; trap '' INT; sleep 64 & wait"
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    ai = subprocess.Popen(
        [sys.executable, "-c", INHERIT, "sh", "-c", code],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    while not started.exists():
        time.sleep(0.01)
    ai.send_signal(ending)
    ai.wait(10)
    _wait_for_the_end_of(int(started.read_text()))


def _wait_for_the_end_of(pid: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/exe").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


needs_another_user = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv") or not Path("/usr/bin/python3").exists(),
    reason="needs root to become somebody else, and a Python that everybody may run",
)
OLD_KERNEL = str(Path(__file__).parents[2] / "support" / "oldkernel.py")
LANDLOCK, UNSHARE = "444,445,446", str({"x86_64": 272, "aarch64": 97}.get(os.uname().machine))
SHOW = """
import os, sys
from quintet.platform.clock import SystemClock
from quintet.platform.confine.certificate import certificate_lines
from quintet.platform.confine.prove import prove_offline
print("\\n".join(certificate_lines(prove_offline(sys.argv[1:], clock=SystemClock()))))
"""


@pytest.mark.slow
@demand("OFFLINE-5")
@needs_another_user
@pytest.mark.parametrize(
    ("hidden", "closes_memory"),
    [(LANDLOCK, True), (UNSHARE, True), (f"{LANDLOCK},{UNSHARE}", False)],
    ids=["without landlock", "without namespaces", "with seccomp alone"],
)
def test_on_a_poorer_kernel_the_seal_holds_and_the_certificate_says_what_is_missing(
    hidden: str, closes_memory: bool
) -> None:
    reach = (
        "import os, socket\n"
        "try: open(f'/proc/{os.getppid()}/mem', 'r+b'); print('supervisor ' + 'laid open')\n"
        "except PermissionError: pass\n"
        "socket.create_connection(('192.0.2.1', 80))"
    )
    python = "/usr/bin/python3"
    command = [python, OLD_KERNEL, hidden, python, "-c", SHOW, python, "-c", reach]
    ran = subprocess.run(as_nobody(command), capture_output=True, text=True, cwd="/", check=False)
    assert "connect tcp inet 192.0.2.1:80" in ran.stdout
    assert "supervisor laid open" not in ran.stdout
    assert ("landlock: not available" in ran.stdout) is (LANDLOCK in hidden)
    assert ("off         empty network" in ran.stdout) is (UNSHARE in hidden)
    is_told = "memory of your other processes could be written" in ran.stdout
    assert is_told is not closes_memory


@pytest.mark.slow
@demand("OFFLINE-5")
def test_without_seccomp_nothing_is_run() -> None:
    number = str(machine_here().calls["seccomp"])
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, OLD_KERNEL, number, sys.executable, "-c", INHERIT, "echo", "never"]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.stdout == ""
    assert "the kernel did not accept the seal" in ran.stderr


@pytest.mark.slow
@demand("OFFLINE-5")
@needs_another_user
@pytest.mark.parametrize("inside", [[], ["bwrap", "--unshare-all", "--dev-bind", "/", "/"]])
def test_it_works_for_an_ordinary_user_and_inside_a_container(inside: list[str]) -> None:
    if inside and not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    wrapper = [*inside, "--proc", "/proc"] if inside else []
    reach = "import socket; socket.create_connection(('192.0.2.1', 80))"
    command = ["/usr/bin/python3", "-c", INHERIT, "/usr/bin/python3", "-c", reach]
    ran = subprocess.run(
        as_nobody([*wrapper, *command]), capture_output=True, text=True, cwd="/", check=False
    )
    assert ran.stderr.splitlines()[-1] == "1 False"


@demand("OFFLINE-5")
def test_inside_another_seal_it_says_so_and_runs_nothing() -> None:
    environment = ":".join(sys.path)
    code = f"import sys; sys.path[:0] = {environment.split(':')!r}\n{INHERIT}"
    run = run_offline(sys.executable, "-c", code, "echo", "never")
    assert run.output == ""
    assert run.certificate.exit_status == 1


def test_a_machine_that_we_do_not_know_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = os.uname_result(("Linux", "x", "6.1", "x", "riscv64"))
    monkeypatch.setattr(os, "uname", lambda: unknown)
    with pytest.raises(CannotSeal) as caught:
        run_offline("true")
    assert caught.value.kind is Kind.UNAVAILABLE
    assert "riscv64" in caught.value.why
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CannotSeal, match="cannot be denied"):
        machine_here()


def test_rights_of_root_are_laid_down() -> None:
    run = run_offline("sh", "-c", "grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status")
    facts = dict(line.split(":\t") for line in run.output.splitlines())
    assert facts["NoNewPrivs"] == "1"
    dangerous = (1 << 12) | (1 << 13) | (1 << 16) | (1 << 19) | (1 << 21)
    assert not int(facts["CapEff"], 16) & dangerous


def test_the_lines_for_people_tell_what_was_tried_and_what_is_not_proven(doors: Doors) -> None:
    run = python_offline(CONNECT, str(doors.port("tcp")))
    text = "\n".join(certificate_lines(run.certificate))
    assert "it tried to reach somebody once, and reached nobody" in text
    assert f"connect tcp inet 127.0.0.1:{doors.port('tcp')} by python" in text
    assert "not proven  files" in text

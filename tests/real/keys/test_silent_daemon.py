"""The real Secret Service backend over a real bus, beside a daemon that never answers."""

import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.demand("KEY-6")]

_DAEMON = """
    from jeepney import DBusAddress, new_method_call
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    connection = open_dbus_connection()
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
    print("ready", flush=True)
    while True:
        connection.receive()
"""
_ASK = """
    import subprocess
    import sys
    import time

    from quintet.platform.keys.failures import SlotUnavailable
    from quintet.platform.keys.slots.vault import DesktopVault

    daemon = subprocess.Popen([sys.executable, "daemon.py"], stdout=subprocess.PIPE)
    daemon.stdout.readline()
    began_s = time.monotonic()
    try:
        DesktopVault(timeout_s=1).get("name")
    except SlotUnavailable as error:
        print(error)
    print("waited", round(time.monotonic() - began_s))
    daemon.kill()
"""


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="needs dbus-run-session")
def test_a_silent_secret_service_is_given_up_on(tmp_path: Path) -> None:
    (tmp_path / "daemon.py").write_text(textwrap.dedent(_DAEMON))
    (tmp_path / "ask.py").write_text(textwrap.dedent(_ASK))
    began_s = time.monotonic()
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "ask.py"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "did not answer within 1 s" in done.stdout, done.stderr
    assert "waited 1" in done.stdout
    assert time.monotonic() - began_s < 15

"""The desktop's keyring: no plaintext backend, and no hang."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from quintet.platform.keys.failures import SlotUnavailable
from quintet.platform.keys.slots.vault import DesktopVault, NoVault

_PLAINTEXT = """
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 9

    def get_password(self, service, username):
        open("touched", "w")

    set_password = delete_password = get_password
"""
_ASK = """
import keyring
from quintet.platform.keys.failures import SlotUnavailable
from quintet.platform.keys.slots.vault import DesktopVault

print(type(keyring.get_keyring()).__module__)
try:
    DesktopVault().put("name", "secret")
except SlotUnavailable as error:
    print("refused:", error)
"""


@pytest.mark.demand("KEY-7")
@pytest.mark.parametrize("chosen_by", ["environment", "entry point"])
def test_a_plaintext_backend_is_never_used(tmp_path: Path, chosen_by: str) -> None:
    backend = tmp_path / "keyrings" / "alt"
    backend.mkdir(parents=True)
    (backend / "file.py").write_text(_PLAINTEXT)
    info = tmp_path / "keyrings_alt-5.0.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: keyrings.alt\nVersion: 5.0.2\n")
    (info / "entry_points.txt").write_text("[keyring.backends]\nfile = keyrings.alt.file\n")
    env = {"PATH": os.defpath, "HOME": str(tmp_path)}
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
    if chosen_by == "environment":
        env["PYTHON_KEYRING_BACKEND"] = "keyrings.alt.file.PlaintextKeyring"

    done = subprocess.run(
        [sys.executable, "-c", _ASK],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    # The first line is the positive control: keyring itself would have taken it.
    assert done.stdout.splitlines()[0] == "keyrings.alt.file", done.stderr
    assert done.stdout.splitlines()[1].startswith("refused: the desktop's keyring does not answer")
    assert not (tmp_path / "touched").exists()


@pytest.mark.demand("KEY-6")
def test_a_backend_that_hangs_is_given_up_on_once() -> None:
    asked: list[str] = []
    for_ever = threading.Event()

    class Hanging:
        def get_password(self, service: str, name: str) -> None:
            asked.append(name)
            for_ever.wait(10)

    vault = DesktopVault(timeout_s=0.1, find_backend=Hanging)
    began_s = time.monotonic()
    for _ in range(20):
        with pytest.raises(SlotUnavailable, match=r"within 0\.1 s"):
            vault.get("name")
    for_ever.set()
    assert time.monotonic() - began_s < 2
    assert asked == ["name"]


def test_whatever_a_backend_raises_becomes_a_slot_that_does_not_answer() -> None:
    class Locked:
        def get_password(self, service: str, name: str) -> None:
            raise RuntimeError("Failed to unlock the collection!")

    with pytest.raises(SlotUnavailable, match="Failed to unlock"):
        DesktopVault(find_backend=Locked).get("name")


def test_a_machine_without_a_desktop_keeps_nothing() -> None:
    NoVault().drop("name")
    with pytest.raises(SlotUnavailable):
        NoVault().put("name", "secret")
    with pytest.raises(SlotUnavailable):
        NoVault().get("name")

"""Proves every verb offline, and plants connections that the proof must catch.

    python benchmarks/confine/every_verb.py [--user nobody --python /usr/bin/python3] [--json]

Each verb runs with harmless words in a home of its own under `ai prove offline`. Then the plants: a
connection, a datagram, a name lookup and two helpers behind Unix sockets must each be refused and
counted, or the silence of the verbs would mean nothing.
"""

import argparse
import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("cli", "lib", "tests")]

from support.harmless import command_lines

PLANTS = {
    "tcp": "create_connection(('127.0.0.1', 9), 1)",
    "udp": "socket(AF_INET, SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "dns": "getaddrinfo('example.org', 80)",
    "unix helper": "socket(AF_UNIX).connect('/run/systemd/resolve/io.systemd.Resolve')",
    "abstract helper": "socket(AF_UNIX).connect('\\0/tmp/dbus-helper')",
}


def prove(words: list[str], home: Path, user: str, python: str) -> dict[str, Any]:
    """The certificate of one run."""
    env = {
        "PATH": os.environ["PATH"],
        "AI_HOME": str(home / "ai"),
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([*sys.path[:2], sysconfig.get_path("purelib")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    ended = subprocess.run(
        [python, "-m", "quintet_cli", "prove", "offline", "--json", "--", *words],
        cwd=home,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        user=user or None,
        check=False,
        timeout=120,
    )
    return json.loads(ended.stdout.splitlines()[-1])


def _home(user: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="every-verb-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--user", default="", help="run as this user; needs root")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--python", default=sys.executable, help="one that this user may run")
    options = parser.parse_args()
    python: str = options.python
    rows: list[tuple[str, str, int]] = []
    for line in command_lines():
        home = _home(options.user)
        proof = prove([python, "-m", "quintet_cli", *line], home, options.user, python)
        rows.append(("verb", " ".join(line), proof.get("reaching", -1)))
        shutil.rmtree(home, ignore_errors=True)
    for name, code in PLANTS.items():
        home = _home(options.user)
        program = f"from socket import *\ntry:\n    {code}\nexcept OSError:\n    pass"
        proof = prove([python, "-c", program], home, options.user, python)
        rows.append(("plant", name, proof.get("reaching", -1)))
        shutil.rmtree(home, ignore_errors=True)
    loud = [name for kind, name, reaching in rows if kind == "verb" and reaching != 0]
    missed = [name for kind, name, reaching in rows if kind == "plant" and reaching < 1]
    verbs = sum(kind == "verb" for kind, *_ in rows)
    result = {"verbs": verbs, "connections": loud, "plants": len(PLANTS), "missed": missed}
    print(json.dumps(result) if options.json else _told(result))
    return int(bool(loud or missed))


def _told(result: dict[str, Any]) -> str:
    return (
        f"{result['verbs']} verbs, {len(result['connections'])} tried to connect "
        f"{result['connections']}; {result['plants']} plants, {len(result['missed'])} missed "
        f"{result['missed']}"
    )


if __name__ == "__main__":
    sys.exit(main())

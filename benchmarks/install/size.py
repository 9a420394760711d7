"""What an install takes: seconds, megabytes and packages, each tool in a fresh environment.

    python benchmarks/install/size.py . llm aider-chat gptme khoj --json

One at a time, and deleted after. Download time is in the seconds; `--twice` installs everything
a second time from the installer's own cache, which leaves unpacking and byte code. uv writes no
byte code, so sizes are comparable only between installs by the same installer.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

TIMEOUT_S = 1800


@dataclass(frozen=True, slots=True)
class Install:
    """One environment, as it was after installing one thing."""

    name: str
    version: str
    seconds: float
    size_mb: float
    packages: int
    failure: str = ""


def _size_bytes(folder: Path) -> int:
    files = [path.lstat() for path in folder.rglob("*") if not path.is_symlink() and path.is_file()]
    # A hard link is counted once.
    return sum({(info.st_dev, info.st_ino): info.st_size for info in files}.values())


def _packages(python: Path) -> dict[str, str]:
    script = (
        "import json; from importlib.metadata import distributions; "
        "print(json.dumps({d.metadata['Name']: d.version for d in distributions()}))"
    )
    shown = subprocess.run([python, "-c", script], capture_output=True, check=True)
    return json.loads(shown.stdout)


def _command(target: Path, name: str, python: str, *, by_uv: bool) -> list[str]:
    if by_uv:
        return ["uv", "pip", "install", "--python", str(target), name]
    return [python, "-m", "pip", "--python", str(target), "install", "--quiet", name]


def install(name: str, python: str, *, by_uv: bool) -> Install:
    """Install one thing into an environment without pip, and look at what is there then."""
    folder = Path(tempfile.mkdtemp(prefix="install-"))
    try:
        subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
        empty_bytes = _size_bytes(folder)
        target = folder / "bin" / "python"
        command = _command(target, name, python, by_uv=by_uv)
        began_s = time.monotonic()
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        seconds = time.monotonic() - began_s
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").split()
            return Install(name, "", round(seconds, 1), 0, 0, failure=" ".join(reason)[-300:])
        found = _packages(target)
        size_mb = (_size_bytes(folder) - empty_bytes) / 1e6
        own = "quintet" if name.startswith((".", "/")) else name
        return Install(name, found.get(own, ""), round(seconds, 1), round(size_mb, 1), len(found))
    except subprocess.TimeoutExpired:
        return Install(name, "", TIMEOUT_S, 0, 0, failure=f"not done after {TIMEOUT_S} s")
    finally:
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", help="packages, or a folder such as .")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has pip")
    parser.add_argument("--uv", action="store_true", help="install by uv instead of pip")
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows: list[Install] = []
    for name in given.names:
        rows.append(install(name, given.python, by_uv=given.uv))
        if given.twice and not rows[-1].failure:
            rows.append(install(name, given.python, by_uv=given.uv))
        if not given.json:
            row = rows[-1]
            told = f"{row.seconds:>8} s {row.size_mb:>8} MB {row.packages:>5} packages"
            print(f"{row.name:<14} {row.version:<10} {row.failure or told}", flush=True)
    if given.json:
        print(json.dumps({"rows": [asdict(row) for row in rows]}))


if __name__ == "__main__":
    main()

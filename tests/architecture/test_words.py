"""What must not stand in any file that we publish: places and hosts of somebody's machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from support.sources import ROOT

# Hosts that we name on purpose. Reserved names (example.*, localhost, single words) are free.
KNOWN_HOSTS = {
    "api.anthropic.com",
    "api.openai.com",
    "www.apache.org",
    "json-schema.org",
    "opentelemetry.io",
    "github.com",
    "pypi.org",
    "keepachangelog.com",
    "semver.org",
}
_HOST = re.compile(r"https?://([A-Za-z0-9][A-Za-z0-9.-]*)")
_RESERVED = re.compile(r"(.*\.)?example(\.\w+)?|localhost|[\d.]+|[^.]+")
# Where we work, and where whoever runs this works.
_PLACES = re.compile(
    rf"/work/(main|shared|\.)|{re.escape(str(Path.home()))}/|{re.escape(str(ROOT))}"
)


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_place_on_the_machine_where_it_was_written() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _tracked()
        if path != Path(__file__)
        for match in _PLACES.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found


def test_every_host_that_a_file_names_is_known() -> None:
    found: set[str] = set()
    for path in _tracked():
        for host in _HOST.findall(path.read_text(encoding="utf-8", errors="replace")):
            if host not in KNOWN_HOSTS and not _RESERVED.fullmatch(host):
                found.add(f"{path.relative_to(ROOT)}: {host}")
    assert not found


def test_the_lock_file_names_versions_and_hashes_and_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"https?:|index-url|find-links", text)


def test_the_lock_file_holds_every_dependency_at_a_version_that_is_wanted() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.M)
    )
    for wanted in map(Requirement, project["dependencies"]):
        assert wanted.specifier.contains(locked[wanted.name]), f"{wanted}: make lock"


def test_what_git_ignores_does_not_empty_the_wheel() -> None:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    assert not {"lib", "lib/", "/lib", "/lib/", "*.sql"} & set(lines)

"""Stand-ins for `crontab`, `systemctl` and `launchctl`, as programs on a PATH, that answer as the
real ones do and keep what they are told in a folder; and a real cron, shut up in a namespace.
"""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_CRONTAB = """\
#!/bin/sh
[ -e "{place}/refuses" ] && {{ echo "You (me) are not allowed to use this program" >&2; exit 1; }}
case "$1" in
-l) [ -e "{place}/tab" ] || {{ echo "no crontab for me" >&2; exit 1; }}; cat "{place}/tab" ;;
-r) rm -f "{place}/tab" ;;
-)  [ -e "{place}/full" ] && {{ echo "crontab: No space left on device" >&2; exit 1; }}
    cat > "{place}/tab.new"
    [ -s "{place}/tab.new" ] && [ "$(tail -c 1 "{place}/tab.new" | wc -l)" = 0 ] && exit 1
    mv "{place}/tab.new" "{place}/tab" ;;
esac
"""
_SYSTEMCTL = """\
#!/bin/sh
[ "$1" = --user ] || exit 3
shift
[ -e "{place}/unreachable" ] && {{ echo "Failed to connect to bus: No medium found" >&2; exit 1; }}
echo "$*" >> "{place}/calls"
for last; do :; done
case "$*" in
is-system-running) echo running ;;
daemon-reload) ;;
"enable --now "*) [ -e "$XDG_CONFIG_HOME/systemd/user/$last" ] && : > "{place}/on-$last" ;;
"disable --now "*) rm -f "{place}/on-$last" ;;
*is-enabled*|*is-active*) [ -e "{place}/on-$last" ] ;;
esac
"""
_LAUNCHCTL = """\
#!/bin/sh
[ -e "{place}/unreachable" ] && {{ echo "Could not find domain" >&2; exit 113; }}
label="$(basename "${{2#*/*/}}" .plist)"
case "$1" in
print) case "$2" in gui/*/*) [ -e "{place}/on-$label" ] ;; esac ;;
bootstrap) [ -e "$3" ] || exit 5; : > "{place}/on-$(basename "$3" .plist)" ;;
bootout) rm "{place}/on-$label" ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A machine with all three, in one folder."""

    place: Path
    home: Path

    @property
    def tab(self) -> Path:
        return self.place / "tab"

    @property
    def env(self) -> dict[str, str]:
        path = f"{self.place}/bin:/usr/bin:/bin"
        return {"PATH": path, "XDG_CONFIG_HOME": str(self.home / ".config")}


def machine(place: Path, home: Path) -> Machine:
    """Put the programs into a folder."""
    programs = {"crontab": _CRONTAB, "systemctl": _SYSTEMCTL, "launchctl": _LAUNCHCTL}
    (place / "bin").mkdir(parents=True)
    for name, text in programs.items():
        path = place / "bin" / name
        path.write_text(text.format(place=place))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Machine(place, home)


def in_own_namespace(script: str, env: dict[str, str], timeout_s: float) -> str:
    """Run a script as root with a /run and a cron spool of its own; what it starts ends with it."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root can give a cron a spool of its own")
    probe = ["unshare", "-m", "-p", "-f", "--mount-proc", "mount", "-t", "tmpfs", "x", "/run"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("namespaces cannot be made here")
    ended = subprocess.run(
        ["unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "sh", "-euc", script],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout

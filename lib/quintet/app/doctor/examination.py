"""The whole examination, the safe repairs, and a report that can be shown to strangers."""

import io
import json
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.app.doctor import data, machine, parts
from quintet.app.doctor.finding import Check, Finding, State, examine
from quintet.platform.files import write_atomic
from quintet.version import VERSION

if TYPE_CHECKING:
    from quintet.app.home import App

_TRACES = 5


def examine_all(app: "App") -> list[Finding]:
    """Every finding, broken parts included."""
    checks: list[tuple[str, Check]] = [
        ("python", machine.check_python),
        ("clock", partial(machine.check_clock, app.clock)),
        ("folders", lambda: machine.check_folders(app.paths)),
        ("settings", partial(data.check_settings, app)),
        ("keys", partial(data.check_keys, app)),
        ("record", partial(data.check_record, app)),
        ("stores", partial(data.check_stores, app)),
        ("budget", partial(data.check_budget, app)),
        ("schedule", partial(data.check_schedule, app)),
        ("parts", parts.check_extras),
        ("programs", parts.check_programs),
    ]
    return list(examine(checks))


def mend(findings: Sequence[Finding]) -> list[str]:
    """Carry out the repairs that cannot do harm; the names of what was mended."""
    mended: list[str] = []
    for finding in findings:
        if finding.repair and finding.state is not State.GOOD:
            finding.repair()
            mended.append(finding.name)
    return mended


def write_bundle(app: "App", findings: Sequence[Finding], target: Path) -> None:
    """A zip of findings, versions and recent traces, with the home folder's name left out."""
    body = {
        "version": VERSION,
        "findings": [
            {"name": f.name, "state": f.state.value, "what": f.what, "hint": f.hint}
            for f in findings
        ],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("doctor.json", _redacted(app, json.dumps(body, indent=2)))
        for trace in sorted((app.paths.state_dir / "bugs").glob("*.txt"))[-_TRACES:]:
            text = trace.read_text("utf-8", "replace")
            bundle.writestr(f"bugs/{trace.name}", _redacted(app, _without_values(text)))
    write_atomic(target, packed.getvalue())


def _without_values(trace: str) -> str:
    """A trace's last lines may quote the user's data; where it happened is enough."""
    kept = [line for line in trace.splitlines() if line.startswith(("Traceback", "  "))]
    last = trace.strip().splitlines()[-1:] or [""]
    return "\n".join([*kept, last[0].partition(":")[0]])


def _redacted(app: "App", text: str) -> str:
    home = app.env.get("HOME", "")
    shown = text.replace(home, "~") if len(home) > 1 else text
    user = app.env.get("USER", "") or app.env.get("LOGNAME", "")
    return shown.replace(f"/{user}/", "/user/") if user else shown

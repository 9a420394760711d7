"""The ops engine put together with the user's workflows, files and gate."""

import re
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.engines.ops.event import Event, parse_event
from quintet.engines.ops.planning import Planner
from quintet.engines.ops.trigger import Desk
from quintet.engines.ops.workflow import Workflow
from quintet.engines.ops.workflow_file import parse_workflow
from quintet.errors import NotFound
from quintet.platform.files import explained, read_bytes
from quintet.platform.policy.plan import Plan

if TYPE_CHECKING:
    from quintet.app.home import App
    from quintet.platform.policy.gate import Asker
    from quintet.platform.record.action import Action

_LIMIT_BYTES = 1 << 20
_NAME = re.compile(r"[a-z][a-z0-9-]*")


class Operations:
    """The engine in one home, acting within one folder."""

    def __init__(self, app: "App", folder: Path) -> None:
        self._app = app
        self._desk = Desk(app.record, app.rows, app.gate)
        with explained("work in", folder):
            self._folder = (app.cwd / folder).resolve(strict=True)

    def workflow(self, name: str) -> Workflow:
        """A file, or a name: the user's own workflows come before those that are shipped."""
        path = self._app.cwd / name
        if path.suffix == ".toml" or path.is_file():
            return parse_workflow(read_bytes(path, _LIMIT_BYTES), Path(name))
        own = self._app.paths.config_dir / "workflows" / f"{name}.toml"
        if _NAME.fullmatch(name) and own.is_file():
            return parse_workflow(read_bytes(own, _LIMIT_BYTES), own)
        shipped = shipped_workflows()
        if name in shipped:
            return parse_workflow(shipped[name], Path(f"{name}.toml"))
        raise NotFound(
            f"there is no workflow {name}",
            why=f"neither a file of that name nor {own} is there",
            hint=f"ai ops trigger {min(shipped)} --dry-run --event …",
        )

    def event(self, given: str, workflow: Workflow) -> Event:
        """JSON as it is, from the file after an `@`, or from standard input for `-`."""
        if given == "-":
            raw = sys.stdin.buffer.read(_LIMIT_BYTES + 1)
        elif given.startswith("@"):
            raw = read_bytes(self._app.cwd / given[1:], _LIMIT_BYTES)
        else:
            raw = given.encode("utf-8", "surrogateescape")
        return parse_event(raw, workflow)

    def plan(self, workflow: Workflow, event: Event) -> Plan | None:
        """What would be done; None when the event was dealt with already."""
        record = self._app.record
        keep = record.vault.shelf("ops").keep_bytes
        planner = Planner(self._folder, record.effects.changes("ops"), keep)
        return self._desk.plan(workflow, event, planner)

    def trigger(self, plan: Plan, event: Event, asker: "Asker | None") -> "Action":
        return self._desk.trigger(plan, event, asker)


def shipped_workflows() -> dict[str, bytes]:
    """The workflows that come with the program, by name."""
    folder = resources.files("quintet.engines.ops") / "workflows"
    return {
        file.name.removesuffix(".toml"): file.read_bytes()
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }

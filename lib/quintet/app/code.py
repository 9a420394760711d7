"""The code engine put together with the user's project."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quintet.engines.code.adapters.project import find_project, test_command
from quintet.engines.code.adapters.python_suite import PythonSuite
from quintet.engines.code.locate import Findings, locate, source_lines
from quintet.engines.code.spectrum import Suspect

if TYPE_CHECKING:
    from quintet.app.home import App


@dataclass(frozen=True, slots=True)
class Located:
    """The findings, where the project begins, and the source lines of each suspect."""

    action: str
    root: Path
    findings: Findings
    sources: dict[str, tuple[str, ...]]

    def source_of(self, suspect: Suspect) -> tuple[str, ...]:
        return self.sources.get(suspect.where, ())


def locate_faults(app: "App", path: Path, test: str, timeout_s: float) -> Located:
    """Run the tests of the project around `path` and weigh its lines, as a recorded action."""
    target = app.cwd / path
    project = find_project(target, app.env)
    command = tuple(shlex.split(test)) if test else test_command(project, target)
    suite = PythonSuite(project.root, command, env=app.env, timeout_s=timeout_s)
    with app.record.action("code", "locate", f"faults in {project.root.name}") as action:
        findings = locate(suite, action=action)
    sources = {suspect.where: source_lines(project.root, suspect) for suspect in findings.suspects}
    return Located(action.id, project.root, findings, sources)

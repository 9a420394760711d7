"""The words that start this very `ai` again, as a child or by somebody else."""

import shutil
import sys
from pathlib import Path

# Without -P, a file in the folder that somebody happens to be in could stand in for a module.
BY_MODULE = (sys.executable, "-P", "-m", "quintet_cli")


def from_anywhere() -> tuple[str, ...]:
    """Absolute, for whoever has another folder and another PATH."""
    beside = Path(sys.executable).with_name("ai")
    if beside.is_file():
        return (str(beside),)
    found = shutil.which("ai")
    return (str(Path(found).absolute()),) if found else BY_MODULE

"""The heavy parts: what each is for, whether it is there, and how one command installs it.

An installation is an effect like any other: it is planned, approved, recorded and can be taken
back. The requirements themselves stand in the package's own metadata, in one place only.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata

from quintet.errors import Kind, NotFound, QuintetError
from quintet.platform.record.event import Effect

DISTRIBUTION = "quintet"
INSTALLED = "installed"
_INSTALL_TIMEOUT_S = 3600.0


class InstallFailed(QuintetError):
    """The package installer ended with an error."""

    code = "setup.install_failed"


class InstallerMissing(QuintetError):
    """Neither pip nor uv can be found for this interpreter."""

    kind = Kind.UNAVAILABLE
    code = "setup.no_installer"


@dataclass(frozen=True, slots=True)
class Extra:
    """A part of the toolkit that the default install leaves out."""

    name: str
    purpose: str
    module: str
    size: str

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None

    def requirements(self) -> list[str]:
        """What to install, as our own metadata states it."""
        marked = [line for line in metadata.requires(DISTRIBUTION) or [] if "extra ==" in line]
        return [
            line.partition(";")[0].strip()
            for line in marked
            if re.search(rf"extra == ['\"]{self.name}['\"]", line)
        ]


EXTRAS = {
    extra.name: extra
    for extra in (
        Extra("llm", "run GGUF models in this process, prebuilt", "xllamacpp", "about 100 MB"),
        Extra(
            "native", "the same, compiled for this machine and faster", "llama_cpp", "5-20 minutes"
        ),
        Extra(
            "video", "read every video format (brings its own ffmpeg)", "imageio_ffmpeg", "80 MB"
        ),
        Extra("mcp", "tools for other programs, and theirs for ai", "mcp", "30 MB"),
        Extra("pg", "keep the index of documents in PostgreSQL", "psycopg", "12 MB"),
    )
}


def extra_named(name: str) -> Extra:
    """The extra, or an error that lists those there are."""
    if name not in EXTRAS:
        raise NotFound(f"there is no part called '{name}'", hint=f"ai setup {'|'.join(EXTRAS)}")
    return EXTRAS[name]


def name_of(requirement: str) -> str:
    """The distribution that a requirement asks for."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


class PackageEffects:
    """Installs into the environment that runs us; idempotent, as the installers are."""

    kind = "package"

    def state(self, target: str) -> str | None:
        try:
            metadata.version(name_of(target))
        except metadata.PackageNotFoundError:
            return None
        return INSTALLED

    def apply(self, effect: Effect) -> None:
        _install(["install", effect.target])

    def revert(self, effect: Effect) -> None:
        _install(["uninstall", "--yes", name_of(effect.target)])


def _installer() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    uv = shutil.which("uv")
    if uv is None:
        raise InstallerMissing(
            "packages cannot be installed here",
            why=f"neither pip nor uv is available for {sys.executable}",
            hint=f"{sys.executable} -m ensurepip",
        )
    return [uv, "pip", "--python", sys.executable]


def _install(arguments: list[str]) -> None:
    from quintet.platform.trace.program import ended as told_end
    from quintet.platform.trace.program import program

    command = _installer()
    if command[0] != sys.executable:
        arguments = [argument for argument in arguments if argument != "--yes"]
    try:
        with program(command) as span:
            ended = subprocess.run(
                [*command, *arguments], capture_output=True, timeout=_INSTALL_TIMEOUT_S, check=False
            )
            told_end(span, ended.returncode)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallFailed("the installer did not finish", why=str(error)) from error
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InstallFailed(
            f"`{' '.join(arguments)}` failed",
            why=lines[-1] if lines else f"the installer ended with status {ended.returncode}",
            hint="ai doctor",
        )

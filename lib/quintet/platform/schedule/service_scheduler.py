"""Jobs as files of a service manager: what differs between systemd and launchd is handed in."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from quintet.platform.files import explained, read_bytes
from quintet.platform.record.event import Effect
from quintet.platform.schedule.calling import Calling
from quintet.platform.schedule.effects import ON, ServiceEffects, Services
from quintet.platform.schedule.job import Job

_LIMIT_BYTES = 1 << 20
_MODE = 0o600


class FileChanges(Protocol):
    """Describes changes of files as effects, as the record does."""

    def writing(self, path: Path, data: bytes, mode: int | None = None) -> list[Effect]: ...

    def deleting(self, path: Path) -> Effect: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one manager writes jobs: its files, which job a file is for, what is switched on."""

    files: Callable[[Sequence[Job], Calling], Mapping[str, str]]
    job_of: Callable[[str, Calling], str | None]
    comparable: Callable[[str], str]
    endings: tuple[str, ...]
    switched: str

    def service(self, folder: Path, file: str) -> str:
        """What the manager is told to switch: launchd wants the whole path."""
        return str(folder / file) if self.switched == ".plist" else file


@dataclass(frozen=True, slots=True)
class ServiceScheduler:
    """One service manager of this machine. `keep` puts the content of files where they are written
    from, also by a later process.
    """

    services: Services
    dialect: Dialect
    folder: Path
    calling: Calling
    changes: Callable[[], FileChanges]
    keep: Callable[[bytes], object]
    found_troubles: Callable[[], list[str]]

    @property
    def name(self) -> str:
        return self.services.name

    def is_here(self) -> bool:
        return self.services.is_here()

    def require(self) -> None:
        self.services.require()

    def troubles(self) -> list[str]:
        return self.found_troubles()

    def wanted(self, jobs: Sequence[Job]) -> Mapping[str, str]:
        files = self.dialect.files(jobs, self.calling)
        return self._by_job(files, set(files))

    def present(self) -> Mapping[str, str]:
        files = dict(self._files())
        service = self.dialect.service
        on = {name for name in files if self.services.is_on(service(self.folder, name))}
        return self._by_job(files, on)

    def effects(self, jobs: Sequence[Job]) -> list[Effect]:
        """Off with what changes, then the files, then on again with what is to be."""
        wanted, present = self.dialect.files(jobs, self.calling), dict(self._files())
        changed = {name for name in {*wanted, *present} if wanted.get(name) != present.get(name)}
        touched = {self._job(name) for name in changed}
        off: list[Effect] = []
        on: list[Effect] = []
        for name in sorted({*wanted, *present}):
            if not name.endswith(self.dialect.switched):
                continue
            service = self.dialect.service(self.folder, name)
            is_on = self.services.is_on(service)
            if is_on and self._job(name) in touched:
                off.append(self._switch(service, ON, None))
                is_on = False
            if name in wanted and not is_on:
                on.append(self._switch(service, None, ON))
        return [*off, *self._file_effects(wanted, present, sorted(changed)), *on]

    def _switch(self, service: str, before: str | None, after: str | None) -> Effect:
        return Effect(ServiceEffects.kind, f"{self.name} {service}", before, after)

    def _file_effects(
        self, wanted: Mapping[str, str], present: Mapping[str, str], names: Sequence[str]
    ) -> list[Effect]:
        found: list[Effect] = []
        changes = self.changes()
        for name in names:
            path = self.folder / name
            if name in wanted:
                data = wanted[name].encode()
                self.keep(data)
                effects = changes.writing(path, data, _MODE)
                effects[-1] = replace(effects[-1], note=wanted[name])
            else:
                effects = [changes.deleting(path)]
            found += [effect for effect in effects if effect not in found]
        return found

    def _files(self) -> Iterator[tuple[str, str]]:
        """The files of ours that are there."""
        with explained("look into", self.folder):
            names = sorted(os.listdir(self.folder)) if self.folder.is_dir() else []
        for name in names:
            if name.endswith(self.dialect.endings) and self._job(name) is not None:
                data = read_bytes(self.folder / name, _LIMIT_BYTES)
                yield name, data.decode("utf-8", "replace")

    def _job(self, file: str) -> str | None:
        stem = next(file.removesuffix(e) for e in self.dialect.endings if file.endswith(e))
        return self.dialect.job_of(stem, self.calling)

    def _by_job(self, files: Mapping[str, str], on: set[str]) -> dict[str, str]:
        """All that matters of each job's files, and whether they are switched on."""
        found: dict[str, str] = {}
        for name in sorted(files):
            job, text = self._job(name) or "", self.dialect.comparable(files[name])
            is_on = name in on and name.endswith(self.dialect.switched)
            found[job] = f"{found.get(job, '')}{name}{' is on' if is_on else ''}\n{text}\n"
        return found

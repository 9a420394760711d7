"""Brings an index up to date with files: looks first, then changes what is due and nothing else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import digest_of
from quintet.platform.progress import Progress
from quintet.platform.record.action import Action
from quintet.platform.record.event import Effect, Evidence
from quintet.retrieval.document import Limits
from quintet.retrieval.effects import erase_rests, forgetting, taking_in
from quintet.retrieval.index import Entry
from quintet.retrieval.intake import Intake, Wanted
from quintet.retrieval.names import path_of, text_of
from quintet.retrieval.walk import Left, Seen, walk

_EVIDENCE = 100
_AT_ONCE = 200
# A file may change twice within one tick of its clock: so soon after, its time proves nothing.
_RACY_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Due:
    """A file to be taken in, with what the index has of it now."""

    path: str
    digest: str
    source: str
    before: Entry | None


@dataclass(slots=True)
class Survey:
    """What bringing the index up to date would do.

    `stale` files are what they were, but would be read, cut or embedded in another way today.
    """

    sources: list[str] = field(default_factory=list[str])
    new: list[Due] = field(default_factory=list[Due])
    changed: list[Due] = field(default_factory=list[Due])
    stale: list[Due] = field(default_factory=list[Due])
    gone: list[Entry] = field(default_factory=list[Entry])
    unchanged: list[Entry] = field(default_factory=list[Entry])
    left: list[Left] = field(default_factory=list[Left])

    @property
    def is_current(self) -> bool:
        return not (self.new or self.changed or self.stale or self.gone)

    @property
    def left_counts(self) -> list[tuple[str, int]]:
        """How many files or folders were passed over for each reason, the commonest first."""
        return Counter(left.why for left in self.left).most_common()

    def effects(self, group: str) -> list[Effect]:
        """New files first, so that what is forgotten is erased once, at the end."""
        return [
            *(taking_in(group, one.path, None, one.digest, one.source) for one in self.new),
            *(taking_in(group, d.path, d.before, d.digest, d.source) for d in self.changed),
            *(forgetting(group, entry) for entry in self.gone),
        ]


def survey(roots: Sequence[Path], intake: Intake, progress: Progress) -> Survey:
    """Compare files with the index; a file whose size and time are as before is not read."""
    found = Survey()
    for root in roots:
        _survey(root, intake, found, progress)
    return found


def _survey(root: Path, intake: Intake, found: Survey, progress: Progress) -> None:
    source = text_of(str(root))
    found.sources.append(source)
    with intake.index.reading() as reader:
        known = {entry.path: entry for entry in reader.entries(source)}
    seen_before = {due.path for due in (*found.new, *found.changed, *found.stale)}
    for number, seen in enumerate(walk(root)):
        if not number % 500:
            progress.report(f"looking at {root}", number)
        if isinstance(seen, Left):
            found.left.append(seen)
            continue
        path = text_of(seen.path)
        entry = known.pop(path, None)
        if path not in seen_before:
            _compare(seen, path, source, entry=entry, intake=intake, found=found)
    found.gone += known.values()


def _compare(
    seen: Seen, path: str, source: str, *, entry: Entry | None, intake: Intake, found: Survey
) -> None:
    if seen.size_bytes > intake.limits.file_bytes:
        found.left.append(Left(seen.path, _too_large(intake.limits)))
        found.gone += [entry] if entry else []
        return
    is_current = entry is not None and intake.is_current(entry)
    if entry and is_current and _looks_unchanged(seen, entry):
        found.unchanged.append(entry)
        return
    try:
        digest = digest_of(Path(seen.path))
    except QuintetError as error:
        found.left.append(Left(seen.path, error.why))
        found.unchanged += [entry] if entry else []
        return
    if entry and is_current and entry.digest == digest:
        found.unchanged.append(entry)
    elif entry and entry.digest == digest:
        found.stale.append(Due(path, digest, entry.source, entry))
    elif entry:
        found.changed.append(Due(path, digest, entry.source, entry))
    else:
        found.new.append(Due(path, digest, source, None))


def _looks_unchanged(seen: Seen, entry: Entry) -> bool:
    same = (entry.size_bytes, entry.modified_ns) == (seen.size_bytes, seen.modified_ns)
    return same and entry.modified_ns + _RACY_NS < entry.indexed_ns


def _too_large(limits: Limits) -> str:
    return f"larger than {limits.file_bytes >> 20} MB"


def carry_out(
    found: Survey, group: str, *, intake: Intake, action: Action, progress: Progress
) -> list[Entry]:
    """Make the index so, as part of an action; the files that it took in or had to skip."""
    action.because(_summary(found), *_evidence(found))
    for why, count in found.left_counts:
        action.because(f"passed over {count}: {why}")
    effects = found.effects(group)
    for start in range(0, len(effects), _AT_ONCE):
        progress.report("indexing", start, len(effects))
        action.apply_all(effects[start : start + _AT_ONCE])
    _renew(found.stale, intake)
    erase_rests(intake)
    paths = [due.path for due in (*found.new, *found.changed, *found.stale)]
    known = intake.known(paths)
    return [known[path] for path in paths if path in known]


def _renew(stale: Sequence[Due], intake: Intake) -> None:
    """The same documents, done anew: nothing that anybody would want to take back."""
    for start in range(0, len(stale), _AT_ONCE):
        some = stale[start : start + _AT_ONCE]
        intake.change([], [Wanted(due.path, due.digest, due.source) for due in some])


def _summary(found: Survey) -> str:
    return (
        f"{len(found.new)} new, {len(found.changed)} changed, {len(found.gone)} gone,"
        f" {len(found.stale)} done anew, {len(found.unchanged)} as before"
    )


def _evidence(found: Survey) -> Iterable[Evidence]:
    """The files themselves; of many, the first hundred, and each is an effect anyway."""
    for due in [*found.new, *found.changed][:_EVIDENCE]:
        yield Evidence("file", path_of(due.path), digest=due.digest)

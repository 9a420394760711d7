"""The parsers of foreign or damaged bytes, each with documents that it accepts.

A target is made in the process that runs it: some parsers read from a file, and get a folder in
memory where there is one.
"""

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser as the fuzzer sees it: bytes in; a value, a `QuintetError` or a finding out."""

    name: str
    seeds: tuple[bytes, ...]
    parse: Callable[[bytes], object]


def _folder() -> Path:
    return Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))


def settings() -> Target:
    from quintet.app.sections import SECTIONS
    from quintet.platform.config.config import Config
    from quintet.platform.config.layer import Source, file_layer
    from quintet.platform.config.schema import Schema
    from quintet.platform.config.toml_file import TomlFile

    schema, path = Schema(SECTIONS), Path("config.toml")

    def parse(data: bytes) -> object:
        layer = file_layer(Source.USER, TomlFile(path, data))
        config = Config(schema, [layer], file=path)
        for error in config.problems():
            raise error
        return config.notices()

    seed = b"# mine\n[budget]\nday_usd = 1.50\nday_tokens = 90000\n"
    seed += b"group_day_usd = { code = 0.5 }\n[record]\nkeep_days = 30\n"
    return Target("settings", (seed, b"", b"[consent]\nplan_lifetime_h = 2.5\n"), parse)


def egress_rules() -> Target:
    from quintet.platform.policy.rulefile import parse

    seed = b'[[allow]]\ndestination = "api.example.org"\nport = 443\npurpose = "models"\ndata = ["mine"]\n'
    other = b'[[deny]]\ndestination = "10.0.0.0/8"\n'
    path = Path("egress.toml")
    return Target("egress-rules", (seed, seed + other, b""), lambda data: parse(data, path))


def keyset() -> Target:
    from quintet.platform.keys.document import decode

    folder = _folder()
    return Target("keyset", (_made_keyset(folder),), decode)


def _made_keyset(folder: Path) -> bytes:
    from quintet.platform.keys.keyset import Keyset
    from quintet.platform.paths import Paths

    paths = Paths.under(folder)
    keys = Keyset(paths)
    keys.ensure("life")
    return keys.folder.path.read_bytes()


def key_file() -> Target:
    from quintet.platform.keys.slots.keyfile import parse

    folder = _folder()
    _made_keyset(folder)
    seed = (folder / "config" / "ai.key").read_bytes()
    return Target("key-file", (seed,), lambda data: parse(data, "ai.key"))


def journal() -> Target:
    from quintet.platform.store.journal import Journal

    folder = _folder()
    made = Journal(folder / "made", "fuzz")
    for number in range(4):
        made.append(f"entry {number} ".encode() * (number + 1))
    made.redact([2])
    segment = next(
        path for path in sorted((folder / "made").iterdir()) if path.suffix == ".journal"
    )
    seed, place = segment.read_bytes(), folder / "tried"
    tried = Journal(place, "fuzz")
    place.mkdir()

    def parse(data: bytes) -> object:
        (place / segment.name).write_bytes(data)
        verdict = tried.verify()
        return verdict, [entry.payload for entry in tried.scan()]

    return Target("journal", (seed,), parse)


def record_line() -> Target:
    from quintet.platform.keys.port import NoKeys
    from quintet.platform.record.groupkeys import GroupKeys
    from quintet.platform.record.history import History
    from quintet.platform.record.lines import Line, LineCodec, LineKind

    codec = LineCodec(GroupKeys(_folder(), NoKeys()))

    def line(kind: LineKind, **body: object) -> bytes:
        at = "2026-01-01T00:00:00.000000Z"
        return codec.encode(Line(kind=kind, id="a" * 14, group="edge", at=at, links={}, body=body))

    effect = {
        "kind": "file",
        "target": "/x",
        "before": None,
        "after": {"type": "file", "mode": 420, "sha256": "0" * 64},
        "reversal": "reversible",
        "note": "",
    }
    seeds = (
        line(LineKind.BEGUN, verb="fit", summary="s", actor="user", run="r", labels=["mine"]),
        line(LineKind.REASON, reason="r", evidence=[{"kind": "file", "ref": "/x"}]),
        line(LineKind.INTENT, effect=effect),
        line(LineKind.SPENT, cost={"money_micros": 1, "tokens": 2, "duration_s": 0.5}),
    )

    def parse(data: bytes) -> object:
        history = History(codec)
        history.add(1, codec.decode(data))
        return history.events()

    return Target("record-line", seeds, parse)


def budget_book() -> Target:
    from quintet.platform.budget.amount import Amount
    from quintet.platform.budget.budget import Budget
    from quintet.platform.budget.limits import Limits
    from quintet.platform.budget.statefile import StateFile

    folder = _folder()
    path = folder / "budget"
    budget = Budget(path, Limits())
    budget.reserve(Amount(tokens=10), group="edge", run="r").settle(Amount(tokens=3))
    held = budget.reserve(Amount(money_micros=5, tokens=1), group="code")
    seed = path.read_bytes()
    held.release()
    book = StateFile(path)

    def parse(data: bytes) -> object:
        path.write_bytes(data)
        with book.change(durable=False) as state:
            return state

    return Target("budget-book", (seed,), parse)


def plan_file() -> Target:
    from datetime import timedelta

    from quintet.platform.clock import FakeClock
    from quintet.platform.policy.plan import Plan
    from quintet.platform.policy.shelf import Shelf
    from quintet.platform.record.event import Effect

    folder = _folder()
    shelf = Shelf(folder, FakeClock(), timedelta(hours=1))
    plan = Plan("edge", "fit", "s", (Effect("file", "/x", None, "y"),), ("because",))
    shelf.put(plan)
    path = next(folder.iterdir())
    seed = path.read_bytes()

    def parse(data: bytes) -> object:
        path.write_bytes(data)
        return shelf.find(plan.id)

    return Target("plan-file", (seed,), parse)


def y4m() -> Target:
    from quintet.engines.video.adapters.y4m import Y4mSource

    frame = b"FRAME\n" + bytes(range(16)) + b"\x80" * 8
    seed = b"YUV4MPEG2 W4 H4 F25:1 Ip A1:1 C420jpeg\n" + frame * 3
    mono = b"YUV4MPEG2 W2 H2 F30000:1001 Cmono\nFRAME\n\x01\x02\x03\x04"

    def parse(data: bytes) -> object:
        return sum(1 for _ in Y4mSource(io.BytesIO(data)).pictures())

    return Target("y4m", (seed, mono), parse)


TARGETS: dict[str, Callable[[], Target]] = {
    "settings": settings,
    "egress-rules": egress_rules,
    "keyset": keyset,
    "key-file": key_file,
    "journal": journal,
    "record-line": record_line,
    "budget-book": budget_book,
    "plan-file": plan_file,
    "y4m": y4m,
}

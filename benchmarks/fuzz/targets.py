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

    seed = b'[[allow]]\ndestination = "api.example.org"\nport = 443\npurpose = "models"\n'
    seed += b'data = ["mine"]\n'
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


def gguf() -> Target:
    from quintet.models.estimate import estimate
    from quintet.models.gguf import parse_header

    def parse(data: bytes) -> object:
        header = parse_header(data)
        return header.quantisation, header.parameters, header.template, estimate(header, 128)

    return Target("gguf", (_tiny_gguf(_folder() / "tiny.gguf"),), parse)


def _tiny_gguf(path: Path) -> bytes:
    """A model of a few kilobytes with every kind of metadata."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(128)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_file_type(0)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list([b"a", b"b", b"c"])
    writer.add_token_scores([0.0, 1.0, 2.0])
    writer.add_tensor("token_embd.weight", np.zeros((3, 8), np.float32))
    writer.add_tensor("output_norm.weight", np.zeros(8, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def model_script() -> Target:
    from quintet.models.scripted import parse_script

    seed = b'{"text": "yes"}\n"no"\n{"when": "weather", "json": {"rain": 1}, "again": true}\n'
    return Target("model-script", (seed,), parse_script)


def model_tape() -> Target:
    from quintet.models.port import Finish, Message, Reply, Request, Role, Usage
    from quintet.models.recorded import Tape, parse_tape

    path = _folder() / "tape.jsonl"
    tape = Tape.read(path)
    reply = Reply("hi", (), Usage(1, 1), Finish.STOP, "m")
    tape.append(Request((Message(Role.USER, "hello"),), max_tokens=8), reply)
    return Target("model-tape", (path.read_bytes(),), parse_tape)


def json_schema() -> Target:
    import json

    from quintet.models.grammar import compile_grammar
    from quintet.models.schema import check_schema
    from quintet.models.strict_json import parse_json

    def parse(data: bytes) -> object:
        from quintet.errors import QuintetError

        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise QuintetError("not text") from error
        schema = parse_json(text)
        check_schema(schema)
        return compile_grammar(schema)

    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 0, "maximum": 9},
            "s": {"type": "string", "maxLength": 5},
            "p": {"type": "string", "pattern": "^[a-z]{1,9}$"},
            "l": {"type": "array", "items": {"enum": ["x", 1, None]}, "maxItems": 3},
            "r": {"$ref": "#/$defs/d"},
        },
        "required": ["n"],
        "additionalProperties": False,
        "$defs": {"d": {"anyOf": [{"const": True}, {"type": "number"}]}},
    }
    return Target("json-schema", (json.dumps(schema).encode(),), parse)


def server_events() -> Target:
    from quintet.platform.http.lines import events_of, lines_of

    def parse(data: bytes) -> object:
        chunks = [data[at : at + 7] for at in range(0, len(data), 7)]
        return list(events_of(lines_of(chunks, 200), 1000))

    seed = (
        b'event: delta\ndata: {"a": 1}\n\n: note\r\nid: 7\r\ndata: x\rdata: y\n\ndata: [DONE]\n\n'
    )
    return Target("server-events", (seed,), parse)


def address() -> Target:
    from quintet.platform.http.url import follow, parse_url

    def parse(data: bytes) -> object:
        target = parse_url(data.decode("utf-8", "replace"))
        return follow(target, data.decode("latin-1"))

    seeds = (b"http://127.0.0.1:8080/v1/chat?x=1#y", b"https://[::1]/a", b"https://api.example.org")
    return Target("url", seeds, parse)


def calendar() -> Target:
    from datetime import UTC

    from quintet.engines.life.adapters.ics import read_calendar

    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n"
    event = (
        b"BEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260102T090000Z\r\n"
        b"DTEND:20260102T100000Z\r\nSUMMARY:Meet\\, talk\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n"
        b"EXDATE:20260109T090000Z\r\nEND:VEVENT\r\n"
    )
    all_day = (
        b"BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20260301\r\nSUMMARY:Day\r\nEND:VEVENT\r\n"
    )
    tail = b"END:VCALENDAR\r\n"
    seeds = (head + event + tail, head + all_day + tail)
    return Target("calendar", seeds, lambda data: read_calendar(data, "x.ics", UTC))


def typed_note() -> Target:
    from datetime import UTC, datetime

    from quintet.engines.life.typed import NoteUnclear, understand
    from quintet.errors import QuintetError

    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def parse(data: bytes) -> object:
        try:
            return understand(data.decode("utf-8", "replace"), now)
        except NoteUnclear as error:
            raise QuintetError(str(error)) from error

    seeds = (b"dentist tomorrow 15:00", b"pay rent 2026-12-01", b"call Ann next friday 9-10am")
    return Target("typed-note", seeds, parse)


def workflow() -> Target:
    from importlib.resources import files

    from quintet.engines.ops.workflow_file import parse_workflow

    sample = files("quintet.engines.ops") / "workflows" / "invoice-received.toml"
    path = Path("workflow.toml")
    return Target("workflow", (sample.read_bytes(),), lambda data: parse_workflow(data, path))


def workflow_event() -> Target:
    from importlib.resources import files

    from quintet.engines.ops.event import parse_event
    from quintet.engines.ops.workflow_file import parse_workflow

    sample = files("quintet.engines.ops") / "workflows" / "invoice-received.toml"
    workflow = parse_workflow(sample.read_bytes(), Path("workflow.toml"))
    seed = (
        b'{"id": "m-1", "type": "invoice.received", "data": {"vendor": "A", "number": "1",'
        b' "date": "2026-11-20", "amount": 4.5, "file": "in/a.pdf"}}'
    )
    return Target("workflow-event", (seed,), lambda data: parse_event(data, workflow))


def schedule_when() -> Target:
    from quintet.platform.schedule.when import parse_when

    def parse(data: bytes) -> object:
        when = parse_when(data.decode("utf-8", "surrogateescape"))
        assert parse_when(str(when.cron)).cron == when.cron
        return when

    seeds = (
        b"daily 07:00",
        b"every 15m",
        b"monthly 31 08:00",
        b"*/5 1-3,7 1,15 jan-mar *",
        b"@daily",
    )
    return Target("schedule-when", (*seeds, b"0 9 13 * fri", b"mon,thu 09:00,19:00"), parse)


def schedule_jobs() -> Target:
    from quintet.platform.config.toml_file import TomlFile
    from quintet.platform.schedule.calling import Calling
    from quintet.platform.schedule.crontab import block_lines
    from quintet.platform.schedule.jobfile import jobs_in
    from quintet.platform.schedule.launchd import agents
    from quintet.platform.schedule.systemd import units

    seed = b'# mine\n[jobs.morning]\nwhen = "daily 07:00"\nrun = ["life", "brief"]\nfolder = "/h"\n'
    seed += b'catch_up = "all"\ntimeout = "5m"\njitter = "90s"\nonly_on_power = true\n'
    seed += b'added = "2026-03-02T09:30:00Z"\n[jobs.x]\nwhen = "0 9 13 * fri"\nrun = ["log"]\n'
    path, calling = Path("schedule.toml"), Calling(("/x/ai",), {"HOME": "/h 50%"}, "ai")

    def parse(data: bytes) -> object:
        # Whatever is accepted can also be written for every scheduler.
        jobs = jobs_in(TomlFile(path, data)).good
        return block_lines(jobs, calling), units(jobs, calling), agents(jobs, calling)

    return Target("schedule-jobs", (seed,), parse)


def crontab() -> Target:
    from quintet.platform.schedule.calling import Calling
    from quintet.platform.schedule.crontab import block_in, block_lines, entries_of, with_block
    from quintet.platform.schedule.job import Job
    from quintet.platform.schedule.when import parse_when

    jobs = [Job("j", parse_when("hourly"), ("log",))]
    block = block_lines(jobs, Calling(("/x/ai",), {"A": "50% 'x'"}, "ai"))
    seed = with_block(b"MAILTO=me\n5 * * * * x \xff\n", "ai", block) + b"# last\n"

    def parse(data: bytes) -> object:
        present = block_in(data, "ai")
        without = with_block(data, "ai", None)
        assert with_block(with_block(data, "ai", block), "ai", None) in (without, without + b"\n")
        return entries_of(present or [])

    return Target("crontab", (seed, b""), parse)


def store_file() -> Target:
    from quintet.platform.store.database import Database
    from quintet.platform.store.migrations import Migration
    from quintet.platform.store.upkeep import Upkeep

    folder = _folder()
    table = Migration(1, "initial", "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER)")
    database = Database("fuzz", folder, [table])
    with database.write("fuzz") as connection:
        connection.execute("INSERT INTO t SELECT i::TEXT, i FROM range(50) r(i)")
    seed = database.file.path.read_bytes()
    backup = folder / "backup.duckdb"

    def parse(data: bytes) -> object:
        backup.write_bytes(data)
        return Upkeep(database).restore(backup)

    return Target("store-file", (seed,), parse)


def foreign_server() -> Target:
    import json

    from quintet.app.mcp_servers import Servers, plan_server
    from quintet.mcp.pins import difference
    from quintet.platform.policy.literal import effect_lines

    folder = _folder()
    known = {
        "name": "them",
        "command": ["/usr/bin/them", "--all"],
        "url": "",
        "env": ["API_KEY"],
        "token_from": "",
        "files": [["/usr/bin/them", "00"]],
        "tools": [{"name": "echo", "description": "Says it.", "inputSchema": {"type": "object"}}],
    }
    place = folder / "them.json"

    def parse(data: bytes) -> object:
        place.write_bytes(data)
        server = Servers(folder).get("them")
        changes = list(difference(server.tools, known["tools"]))  # type: ignore[arg-type]
        return effect_lines(plan_server(None, server, "add")), changes

    return Target("foreign-server", (json.dumps(known).encode(),), parse)


def eval_suite() -> Target:
    from importlib.resources import files

    from quintet.app.evals import INSTRUMENTS
    from quintet.evals.casefile import parse_suite

    shipped = files("quintet.evals") / "suites" / "everyday.jsonl"
    ask = b'{"evals": 1, "suite": "x"}\n{"id": "q", "ask": {"prompt": "?", "schema": {}},'
    ask += (
        b' "assert": [{"regex": "a|b"}, {"path": "$.a[0]", "near": 1, "within": 2}], "bad": [""]}\n'
    )

    def parse(data: bytes) -> object:
        return parse_suite(data, "fuzz", INSTRUMENTS)

    return Target("eval-suite", (shipped.read_bytes(), ask), parse)


def eval_baseline() -> Target:
    from quintet.app.evals import INSTRUMENTS
    from quintet.evals.standing import Standing, Tally, parse_standing, standing_bytes

    tallies = {"one": Tally(3, 4), "two": Tally(1, 1, is_steady=True)}
    seed = standing_bytes(Standing("a" * 14, "suite", "d" * 64, "2026-01-01", tallies))
    return Target("eval-baseline", (seed,), lambda data: parse_standing(data, INSTRUMENTS))


def document(name: str) -> Callable[[], Target]:
    """One loader as files meet it: in this process, or in the child where its format is foreign."""

    def target() -> Target:
        from quintet.retrieval.adapters.load_process import BoundedLoading
        from quintet.retrieval.chunk import spans
        from quintet.retrieval.document import Limits
        from quintet.retrieval.loaders.choice import LOADERS
        from support.documents import SAMPLES

        loader, loading = LOADERS[name], BoundedLoading(Limits(time_s=3))
        seeds = tuple(
            data
            for file, data in SAMPLES.items()
            if any(file.endswith(ending) for ending in loader.endings)
        )
        return Target(f"document-{name}", seeds, lambda data: spans(loading.load(loader, data)))

    return target


TARGETS: dict[str, Callable[[], Target]] = {
    **{
        f"document-{name}": document(name)
        for name in ("text", "markdown", "html", "pdf", "docx", "mail", "mbox", "python", "code")
    },
    "address": address,
    "budget-book": budget_book,
    "calendar": calendar,
    "crontab": crontab,
    "eval-baseline": eval_baseline,
    "eval-suite": eval_suite,
    "egress-rules": egress_rules,
    "foreign-server": foreign_server,
    "gguf": gguf,
    "journal": journal,
    "json-schema": json_schema,
    "key-file": key_file,
    "keyset": keyset,
    "model-script": model_script,
    "model-tape": model_tape,
    "plan-file": plan_file,
    "record-line": record_line,
    "schedule-jobs": schedule_jobs,
    "schedule-when": schedule_when,
    "server-events": server_events,
    "settings": settings,
    "store-file": store_file,
    "typed-note": typed_note,
    "workflow": workflow,
    "workflow-event": workflow_event,
    "y4m": y4m,
}

"""How spans are named and what is said of them, in the words of OpenTelemetry.

The conventions for generative AI are still in development, so everything that depends on their
version stands in this file. An attribute that is not listed here is content: kept out of a trace
unless the user asked for content.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

# Of the conventions for generative AI, and of the others that these build upon.
GEN_AI_VERSION = "0.1.0"
CORE_VERSION = "1.45.0"
VERSIONS = f"gen-ai {GEN_AI_VERSION}, core {CORE_VERSION}"
SCHEMA_URL = f"https://opentelemetry.io/schemas/{CORE_VERSION}"

Value = str | int | float | bool | tuple[str, ...]
Attributes = Mapping[str, Value]


class Kind(StrEnum):
    """What a span is about; how it is drawn, and as which kind it is exported."""

    COMMAND = "command"
    MODEL = "model"
    TOOL = "tool"
    SUBPROCESS = "subprocess"
    RETRIEVAL = "retrieval"
    HTTP = "http"
    STORE = "store"
    STEP = "step"


# Kinds that wait for somebody else: long enough to be worth writing down when they begin.
WAITING = frozenset({Kind.MODEL, Kind.TOOL, Kind.SUBPROCESS, Kind.RETRIEVAL, Kind.HTTP})
# `SpanKind` of OTLP: internal is 1, client is 3.
OTLP_KINDS = {
    Kind.COMMAND: 1,
    Kind.MODEL: 3,
    Kind.TOOL: 1,
    Kind.SUBPROCESS: 3,
    Kind.RETRIEVAL: 3,
    Kind.HTTP: 3,
    Kind.STORE: 3,
    Kind.STEP: 1,
}

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
MODEL = "gen_ai.request.model"
MAX_TOKENS = "gen_ai.request.max_tokens"
STREAM = "gen_ai.request.stream"
ANSWERED_BY = "gen_ai.response.model"
FINISH = "gen_ai.response.finish_reasons"
FIRST_CHUNK_S = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
TOOL = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_CALL = "gen_ai.tool.call.id"
SOURCE = "gen_ai.data_source.id"
TOP_K = "gen_ai.retrieval.top_k"
ERROR = "error.type"
EXECUTABLE = "process.executable.name"
EXIT_CODE = "process.exit.code"
PID = "process.pid"
METHOD = "http.request.method"
HTTP_STATUS = "http.response.status_code"
RESENDS = "http.request.resend_count"
ADDRESS = "server.address"
PORT = "server.port"
DB_SYSTEM = "db.system.name"
DB_NAME = "db.namespace"
DB_OPERATION = "db.operation.name"
# Ours, where the conventions have no word.
COST_USD = "ai.cost.usd"
GROUP = "ai.group"
FLAGS = "ai.flags"
VERSION = "ai.version"
ACTIONS = "ai.action.ids"
COUNT = "ai.count"
CONVENTIONS = "ai.conventions"

INPUT = "gen_ai.input.messages"
OUTPUT = "gen_ai.output.messages"
TOOL_ARGUMENTS = "gen_ai.tool.call.arguments"
TOOL_RESULT = "gen_ai.tool.call.result"
QUERY = "gen_ai.retrieval.query.text"
ARGUMENTS = "process.command_args"
LABELS = "ai.content.labels"

OPEN = frozenset(
    {
        *(OPERATION, PROVIDER, MODEL, MAX_TOKENS, STREAM, ANSWERED_BY, FINISH, FIRST_CHUNK_S),
        *(INPUT_TOKENS, OUTPUT_TOKENS, CACHED_TOKENS, TOOL, TOOL_TYPE, TOOL_CALL, SOURCE, TOP_K),
        *(ERROR, EXECUTABLE, EXIT_CODE, PID, METHOD, HTTP_STATUS, RESENDS, ADDRESS),
        *(PORT, DB_SYSTEM, DB_NAME, DB_OPERATION, COST_USD, GROUP, FLAGS, VERSION, ACTIONS, COUNT),
        CONVENTIONS,
    }
)


class Shape(NamedTuple):
    """A span's name, kind and first attributes."""

    name: str
    kind: Kind
    attributes: Attributes


def command(words: tuple[str, ...], flags: tuple[str, ...], version: str, pid: int) -> Shape:
    """A verb of ours, with the names of the flags that were given and never their values."""
    told: dict[str, Value] = {EXECUTABLE: "ai", PID: pid, VERSION: version, FLAGS: flags}
    if len(words) > 1:
        told[GROUP] = words[0]
    return Shape(" ".join(("ai", *words)), Kind.COMMAND, told)


def chat(model: str, provider: str, max_tokens: int, group: str, *, streams: bool) -> Shape:
    """A call of a language model, for one of our engines."""
    told: dict[str, Value] = {OPERATION: "chat", PROVIDER: provider, MODEL: model, GROUP: group}
    told |= {MAX_TOKENS: max_tokens} | ({STREAM: True} if streams else {})
    return Shape(f"chat {model}", Kind.MODEL, told)


def embeddings(model: str, provider: str, texts: int) -> Shape:
    """A batch of texts on its way through an embedder."""
    told = {OPERATION: "embeddings", PROVIDER: provider, MODEL: model, COUNT: texts}
    return Shape(f"embeddings {model}", Kind.MODEL, told)


def execute_tool(tool: str, call: str = "", type: str = "function") -> Shape:
    """A tool at work, for a model or for another program."""
    told: dict[str, Value] = {OPERATION: "execute_tool", TOOL: tool, TOOL_TYPE: type}
    return Shape(f"execute_tool {tool}", Kind.TOOL, told | ({TOOL_CALL: call} if call else {}))


def retrieval(source: str, top_k: int) -> Shape:
    """A search in an index."""
    told: dict[str, Value] = {OPERATION: "retrieval", SOURCE: source, TOP_K: top_k}
    return Shape(f"retrieval {source}", Kind.RETRIEVAL, told)


def subprocess(program: str) -> Shape:
    """A program that we start. What stands behind its name is content."""
    name = program.rpartition("/")[2] or program
    return Shape(name, Kind.SUBPROCESS, {EXECUTABLE: name})


def http(method: str, host: str, port: int) -> Shape:
    """A request to a server. The path is content."""
    return Shape(method, Kind.HTTP, {METHOD: method, ADDRESS: host, PORT: port})


def store(name: str, operation: str) -> Shape:
    """A transaction, from before its lock is taken until after it is released."""
    told: dict[str, Value] = {DB_SYSTEM: "duckdb", DB_NAME: name, DB_OPERATION: operation}
    return Shape(f"{operation} {name}", Kind.STORE, told)

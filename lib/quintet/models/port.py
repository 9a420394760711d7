"""What the product asks of a language model and of an embedder, and how the two may fail.

Everything that a caller may rely on stands here; the adapters beside this file keep it, and one
contract suite (`tests/contracts`) holds each of them to it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from quintet.errors import Kind, QuintetError
from quintet.platform.policy.label import Labels, join

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JsonSchema = Mapping[str, Any]


class Role(StrEnum):
    """Who speaks. `TOOL` is the answer to a tool call, named by its id."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants used. The arguments are parsed JSON, not yet validated."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `labels` say whose words these are, and travel with the request to the egress."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    labels: Labels = frozenset()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may ask for; `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: JsonSchema


@dataclass(frozen=True, slots=True)
class Request:
    """One call. Sampling parameters are sent only when given: many models refuse them.

    `schema` asks for a text that is one JSON value of that schema; a model that cannot constrain
    its output raises `SchemaUnsupported`. `schema` and `tools` are not used together.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    schema: JsonSchema | None = None
    tools: tuple[Tool, ...] = ()
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    seed: int | None = None

    @property
    def labels(self) -> Labels:
        """The labels of all the messages: what a reply that is made from them carries too."""
        return join(*(message.labels for message in self.messages))


class Finish(StrEnum):
    """Why the model stopped: done, at `max_tokens`, to have tools used, or held back."""

    STOP = "stop"
    LENGTH = "length"
    TOOLS = "tools"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `exact` is False where the server did not say and we counted roughly."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    exact: bool = True

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer. `model` is the name that the answering side gave itself."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage
    finish: Finish
    model: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed answer: text as it arrives, and on the last one the whole reply."""

    text: str = ""
    reply: Reply | None = None


class ChatModel(Protocol):
    """Answers conversations.

    - A call either gives a whole `Reply` or raises a `QuintetError`; a cut-off answer is never
      passed off as a finished one.
    - `stream` yields the text in pieces; joined they are the text of the reply, which comes with
      the last chunk. Closing the iterator early cancels the call.
    - A stop string never stands in the text. `finish` is `TOOLS` exactly when there are tool calls.
    - Calls keep no memory of each other. One object is used by one thread at a time.
    - `close` gives back what was held, may be called twice, and a later call opens it again.
    """

    @property
    def name(self) -> str:
        """The name by which the user knows this model."""
        ...

    def complete(self, request: Request) -> Reply: ...

    def stream(self, request: Request) -> Generator[Chunk]: ...

    def close(self) -> None: ...


class Embedder(Protocol):
    """Turns texts into vectors whose cosine says how near their meanings are.

    The same text gives the same vector whatever stands beside it in the call. Rows have length
    one, or are zero where a text holds nothing to embed. `digest` changes whenever the vectors
    would, so that an index knows when it is out of date.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def digest(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def close(self) -> None:
        """Give back what is held; a later call opens it again."""
        ...


class ModelFailed(QuintetError):
    """The model was reached and gave no usable answer."""

    code = "models.failed"


class ModelUnavailable(QuintetError):
    """There is no such model here, or nobody answers."""

    kind = Kind.UNAVAILABLE
    code = "models.unavailable"


class ModelBusy(QuintetError):
    """The server asks to come back later. `details["retry_after_s"]` says when, if it did."""

    kind = Kind.BUSY
    code = "models.busy"


class LoginNeeded(QuintetError):
    """The server does not accept the key, or wants one."""

    kind = Kind.NEEDS_APPROVAL
    code = "models.login_needed"


class ContextExceeded(QuintetError):
    """The conversation is longer than the model can read."""

    code = "models.context_exceeded"


class SchemaUnsupported(QuintetError):
    """This model cannot be held to this schema; asking in words and checking still can."""

    code = "models.schema_unsupported"


class RequestRefused(QuintetError):
    """The request contradicts itself, or the server says that it makes no sense."""

    kind = Kind.USAGE
    code = "models.request_refused"


def check_request(request: Request) -> None:
    """Refuse what no adapter could answer, in the same words everywhere."""
    if not request.messages:
        raise RequestRefused("there is nothing to answer", why="the request has no messages")
    if request.max_tokens < 1:
        raise RequestRefused("max_tokens must be at least 1", why=f"it is {request.max_tokens}")
    if request.schema is not None and request.tools:
        raise RequestRefused("a request has either a schema or tools", why="both were given")
    if request.temperature is not None and not 0 <= request.temperature <= 2:
        raise RequestRefused(
            "the temperature lies between 0 and 2", why=f"it is {request.temperature}"
        )
    if any(not stop for stop in request.stop):
        raise RequestRefused("a stop string is empty", why="every text would end before it began")


def in_one_piece(reply: Reply) -> Generator[Chunk]:
    """A finished reply as a stream."""
    if reply.text:
        yield Chunk(reply.text)
    yield Chunk(reply=reply)


def whole(chunks: Iterable[Chunk]) -> Reply:
    """The reply at the end of a stream."""
    for chunk in chunks:
        if chunk.reply is not None:
            return chunk.reply
    raise ModelFailed("the answer broke off", why="the stream ended before the reply was complete")

"""What is asked of a server and what comes back, with the bounds that every exchange has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quintet.platform.crypto import canonical_json, digest_hex
from quintet.platform.http.failure import Garbled
from quintet.platform.policy.gate import Approval
from quintet.platform.policy.label import Labels

_SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How long and how much, unless a request says otherwise."""

    connect_timeout_s: float = field(
        default=10.0, metadata={"help": "Seconds to look a name up and to connect."}
    )
    read_timeout_s: float = field(
        default=60.0, metadata={"help": "Seconds without a single byte from the server."}
    )
    total_timeout_s: float = field(
        default=600.0, metadata={"help": "Seconds for a whole exchange, repeats included."}
    )
    response_limit_bytes: int = field(
        default=64 << 20, metadata={"help": "Largest answer that is read, in bytes."}
    )
    line_limit_bytes: int = field(
        default=1 << 20, metadata={"help": "Longest line or event of a streamed answer, in bytes."}
    )
    retries: int = field(
        default=3, metadata={"help": "How often a request that may be repeated is repeated."}
    )
    redirects: int = field(default=5, metadata={"help": "How many redirects are followed."})
    proxy: str = field(
        default="",
        metadata={"help": "An http:// proxy; it needs an egress rule for purpose proxy."},
    )


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. `purpose` and `labels` are what the egress rules decide by."""

    method: str
    url: str
    purpose: str
    labels: Labels
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    may_repeat: bool | None = None
    settings: HttpSettings | None = None
    approval: Approval | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method in _SAFE_TO_REPEAT if self.may_repeat is None else self.may_repeat

    @property
    def payload_sha256(self) -> str:
        """What an approval of this request is bound to: everything in it but the headers."""
        return digest_hex(canonical_json([self.method, self.url]) + b"\n" + self.body)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole answer. Header names are in lower case; repeated ones are joined by a comma."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; raises `Garbled` when it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Garbled(f"the answer of {self.url} is not JSON", why=str(error)[:200]) from error

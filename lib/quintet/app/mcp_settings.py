"""What a call by the Model Context Protocol may take."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class McpSettings:
    """Limits of one call, of a tool of ours as of another server's."""

    call_timeout_s: float = field(
        default=300.0, metadata={"help": "Seconds after which a call is ended."}
    )
    result_limit_bytes: int = field(
        default=1 << 20, metadata={"help": "Largest result of a call, in bytes."}
    )

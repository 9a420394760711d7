"""What is kept of a run, for how long, and where it may be sent."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TraceSettings:
    """Traces are observations: they may be missing, and nothing depends on them."""

    enabled: bool = field(default=True, metadata={"help": "Keep a trace of what runs."})
    content: bool = field(
        default=False,
        metadata={
            "help": "Keep prompts, answers and arguments too; never those of an encrypted group."
        },
    )
    keep_days: int = field(default=30, metadata={"help": "How many days a trace is kept."})
    keep_bytes: int = field(
        default=256 << 20,
        metadata={"help": "Bytes of traces that are kept; the oldest runs give way first."},
    )
    endpoint: str = field(
        default="",
        metadata={
            "help": "An OTLP/HTTP collector, as in http://127.0.0.1:4318;"
            " else OTEL_EXPORTER_OTLP_ENDPOINT."
        },
    )
    export: bool = field(
        default=False, metadata={"help": "Send the trace of each command when it ends."}
    )
    export_timeout_s: float = field(
        default=0.5, metadata={"help": "Seconds that sending may delay the end of a command."}
    )

"""What the record keeps, and for how long."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """Undo needs the old content; these limits say how much of it may lie around."""

    keep_days: int = field(default=90, metadata={"help": "how many days an action can be undone"})
    keep_bytes: int = field(
        default=2 << 30,
        metadata={"help": "bytes of old content kept for undo; the oldest actions give way first"},
    )
    keep_last: int = field(
        default=20,
        metadata={"help": "as many of the last actions can be undone however old they are"},
    )
    freezable: bool = field(
        default=False,
        metadata={
            "help": "keep the words of each command, and what models answered to groups that do"
            " not seal their data, so that a run can be frozen: ai eval from-run"
        },
    )
    copy_limit_bytes: int = field(
        default=512 << 20,
        metadata={
            "help": "a larger file is kept for undo only where the file system can share its blocks"
        },
    )

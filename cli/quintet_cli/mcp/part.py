"""The part of ai that speaks the Model Context Protocol may not be installed."""

from quintet.errors import Kind, QuintetError
from quintet.platform.extras import EXTRAS


class PartMissing(QuintetError):
    """The protocol's library is an extra."""

    kind = Kind.UNAVAILABLE
    code = "mcp.not_installed"


def require_part() -> None:
    """Raise `PartMissing`, with the command that helps, where the extra is not there."""
    if not EXTRAS["mcp"].is_installed:
        raise PartMissing(
            "the part 'mcp' is not installed",
            why="the Model Context Protocol is spoken by a library that the default install omits",
            hint="ai setup mcp",
        )

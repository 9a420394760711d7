"""Where the trace of a failure of ours is kept, so that the screen stays readable."""

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from quintet.errors import QuintetError
from quintet.platform.files import ensure_private_dir, write_atomic
from quintet.platform.paths import Paths


def keep_trace(trace: str, env: Mapping[str, str]) -> tuple[str, Path | None]:
    """Store a trace privately; the same fault always gets the same id. The place may be none."""
    bug_id = hashlib.sha256(trace.encode("utf-8", "replace")).hexdigest()[:8]
    with contextlib.suppress(QuintetError):
        folder = ensure_private_dir(Paths.from_environment(env).state_dir / "bugs")
        place = folder / f"{bug_id}.txt"
        write_atomic(place, trace.encode("utf-8", "replace"))
        return bug_id, place
    return bug_id, None

"""docs/keys.md names commands that exist."""

import re

from quintet_cli.key import VERBS
from quintet_cli.key.add import WayIn
from support.sources import ROOT

_COMMAND = re.compile(r"\bai key ([a-z]+)(?: ([a-z]+))?")


def test_every_command_in_the_page_on_keys_exists() -> None:
    found = _COMMAND.findall((ROOT / "docs" / "keys.md").read_text())
    assert {verb for verb, _ in found} == set(VERBS)
    assert {kind for verb, kind in found if verb == "add" and kind} <= {str(kind) for kind in WayIn}

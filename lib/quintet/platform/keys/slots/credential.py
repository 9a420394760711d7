"""A key file that systemd hands to a unit: encrypted on disk, in memory only while it runs.

It holds what a key file holds; only the way to it differs, so its slot is of the kind `keyfile`.
"""

from collections.abc import Mapping
from pathlib import Path

from quintet.platform.files import explained, read_bytes
from quintet.platform.keys.slots.intake import LIMIT_BYTES
from quintet.platform.keys.slots.keyfile import KeyText, parse

NAME = "ai-key"


def read_credential(env: Mapping[str, str]) -> KeyText | None:
    """The key in this unit's credentials, where there is one.

    The mode is not looked at: systemd guards the folder, and shows its access list as group bits.
    """
    directory = env.get("CREDENTIALS_DIRECTORY", "")
    path = Path(directory) / NAME
    with explained("look for", path):
        if not directory or not path.exists():
            return None
    return parse(read_bytes(path, LIMIT_BYTES), f"the credential {NAME}")

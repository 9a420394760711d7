"""File systems that somebody else serves: what is written to them may leave without any socket."""

import re

_OVER_A_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "afs", "ceph", "lustre", "coda"}
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def served_mounts(mountinfo: str) -> list[tuple[str, str]]:
    """Place and kind of each, from the text of `/proc/self/mountinfo`.

    `autofs` is among them, for to look at a folder of it makes a helper of the system connect, and
    so is everything that a program serves (`fuse.…`), since that program may.
    """
    found: list[tuple[str, str]] = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.partition(" ")[0]
        is_served = kind in _OVER_A_NETWORK or kind.startswith("fuse.") or kind == "autofs"
        if is_served and len(fields) > 4:
            place = _OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[4])
            found.append((place, kind))
    return found

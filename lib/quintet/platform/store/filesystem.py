"""Which file systems a store may live on: on network ones a lock does not hold what it promises."""

import os
from functools import cache
from pathlib import Path

from quintet.errors import QuintetError

_KERNEL = "nfs nfs4 cifs smb3 smbfs ncpfs afs 9p ceph lustre gfs2 ocfs2 beegfs"
_FUSE = "sshfs glusterfs rclone s3fs davfs"
NETWORKED = frozenset(_KERNEL.split()) | {f"fuse.{kind}" for kind in _FUSE.split()}


class NetworkFilesystem(QuintetError):
    """A store on a network disk: two machines would both believe that they hold its lock."""

    code = "store.network_filesystem"


def refuse_network_filesystem(device: int, path: Path) -> None:
    kind = filesystem_of(device)
    if kind in NETWORKED:
        raise NetworkFilesystem(
            f"{path.parent} lies on a network disk ({kind})",
            why="file locks are not reliable there, and data would be lost",
            hint="keep the data on a local disk: AI_HOME=/path/on/a/local/disk ai …",
        )


@cache
def filesystem_of(device: int) -> str:
    """The kind of the file system with this device number; empty where nothing tells."""
    try:
        return kinds_by_device(Path("/proc/self/mountinfo").read_text()).get(device, "")
    except OSError:
        return ""


def kinds_by_device(mountinfo: str) -> dict[int, str]:
    """Device numbers and kinds out of the kernel's table of mounts."""
    kinds: dict[int, str] = {}
    for line in mountinfo.splitlines():
        mount, _, kind = line.partition(" - ")
        fields = mount.split()
        if len(fields) > 2 and kind and fields[2].count(":") == 1:
            major, minor = fields[2].split(":")
            kinds[os.makedev(int(major), int(minor))] = kind.split()[0]
    return kinds

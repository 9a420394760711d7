"""What is written to a file system that others serve may leave; the certificate names them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.confine.mounts import served_mounts

REAL = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /proc rw - proc proc rw
40 21 0:40 / /home/ines/my\\040files rw,nosuid - fuse.sshfs host:/ rw
41 21 0:41 / /srv rw,relatime shared:3 master:2 - nfs4 server:/srv rw
42 21 0:42 / /net rw - autofs /etc/auto.net rw
43 21 0:43 / /mnt/usb rw - fuseblk /dev/sdb1 rw
"""


def test_served_file_systems_are_named_with_their_place() -> None:
    assert served_mounts(REAL) == [
        ("/home/ines/my files", "fuse.sshfs"),
        ("/srv", "nfs4"),
        ("/net", "autofs"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", " - ", "a b c - nfs", "- - - - - - nfs4"])
def test_lines_of_another_shape_are_passed_over(text: str) -> None:
    assert served_mounts(text) == []


@given(st.text(max_size=80))
def test_no_text_whatever_breaks_the_reading(text: str) -> None:
    served_mounts(text)

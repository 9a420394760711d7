"""Turns a valid document into hostile ones: cheap, seeded, and aware of what parsers trip over."""

import random

_AWKWARD = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\x1b[2J",
    b"[[[[[[[[",
    b"{{{{{{{{",
    b'"""',
    b"''",
    b"\\u0000",
    b"\\ud800",
    b"NaN",
    b"-0",
    b"1e999",
    b"99999999999999999999",
    b"-1",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"null",
    b"true",
    b"%n%s",
    b"../../",
    b"=",
    b",",
    b":",
    b"\t",
)


def mutate(document: bytes, other: bytes, chance: random.Random) -> bytes:
    """One hostile relative of `document`; `other` lends pieces."""
    data = bytearray(document)
    for _ in range(1 + int(chance.expovariate(0.7))):
        _once(data, other, chance)
    return bytes(data)


def _once(data: bytearray, other: bytes, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    match chance.randrange(8):
        case 0 if data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        case 1 if data:
            data[at % len(data)] = chance.randrange(256)
        case 2:
            del data[at:]
        case 3:
            del data[at : at + chance.randrange(1, 32)]
        case 4:
            data[at:at] = chance.choice(_AWKWARD)
        case 5:
            data[at : at + chance.randrange(1, 9)] = chance.choice(_AWKWARD)
        case 6 if other:
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + chance.randrange(1, 64)]
        case _:
            piece = data[at : at + chance.randrange(1, 24)]
            data[at:at] = piece * chance.randrange(1, 6)

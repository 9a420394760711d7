"""Authenticated sealing and the one way in which values become bytes to be hashed."""

import hashlib
import json
import os
from typing import Any

from quintet.errors import Kind, QuintetError

KEY_BYTES = 32
_NONCE_BYTES = 12


class Tampered(QuintetError):
    """Sealed bytes do not open: another key sealed them, or they were changed since."""

    kind = Kind.INTEGRITY
    code = "crypto.tampered"


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """AES-256-GCM with a random nonce in front; `context` must be the same when it is opened."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The plaintext, or `Tampered`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Tampered(
            "sealed data does not open", why="the key is wrong or the bytes were changed"
        ) from error


def canonical_json(value: Any) -> bytes:
    """The same value always gives the same bytes: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8", "surrogatepass")


def digest_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""How a slot holds what it opens, so that the master key can be replaced without the slot's secret.

Each secret yields an X25519 key pair and a shared key. What is wrapped goes through two layers: a
symmetric one, which only a holder of the secret or of the master key can make, and HPKE to the
slot's public key, which only a holder of the secret can open. Hence an old master key together
with an old `keys.json` does not open a newer one.
"""

from dataclasses import dataclass, field

from quintet.platform.crypto import KEY_BYTES, Tampered, seal, unseal
from quintet.platform.keys.document import SlotName
from quintet.platform.keys.failures import KeysTampered


@dataclass(frozen=True, slots=True)
class SlotKeys:
    """What a slot's secret yields."""

    private: bytes = field(repr=False)
    shared: bytes = field(repr=False)
    public: bytes


def derive(secret: bytes, purpose: str, size_bytes: int = KEY_BYTES) -> bytes:
    """An independent key for each purpose."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = f"quintet keys 1: {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=size_bytes, salt=None, info=info).derive(secret)


def slot_keys(secret: bytes, slot: SlotName) -> SlotKeys:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    material = derive(secret, f"slot {slot.keyset_id}/{slot.slot_id}", 2 * KEY_BYTES)
    private, shared = material[:KEY_BYTES], material[KEY_BYTES:]
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return SlotKeys(private, shared, public)


def wrap(payload: bytes, *, public: bytes, shared: bytes, context: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    inner = seal(shared, payload, context)
    return suite.encrypt(inner, X25519PublicKey.from_public_bytes(public), info=context)


def unwrap(wrapped: bytes, keys: SlotKeys, context: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    private = X25519PrivateKey.from_private_bytes(keys.private)
    try:
        return unseal(keys.shared, suite.decrypt(wrapped, private, info=context), context)
    except (InvalidTag, ValueError, Tampered) as error:
        raise KeysTampered(
            "the keyset was changed", why="the key is right, but what it wraps does not open"
        ) from error

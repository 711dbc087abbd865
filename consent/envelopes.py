# SPDX-License-Identifier: Apache-2.0
"""Envelope encryption with AES-256-GCM: a key a content, wrapped by a key a person and purpose.

Shapes: keys are 32 bytes; a sealed text is nonce (12) || ciphertext || tag (16). A fresh key seals
one content once, so a random 96-bit nonce never meets its key twice; what is kept beside a selfie
has a key derived for that one place, sealed by it anew a few times. Source: NIST SP 800-38D.
"""

import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent.chance import Chance
from consent.errors import Broken
from consent.words import ObjectId, Purpose, Reason, Subject

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def seal(key: bytes, content: bytes, context: bytes, chance: Chance) -> bytes:
    """Encrypt and bind to a context; whoever opens it must name the same context."""
    nonce = chance.token(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Decrypt. Errors: Broken(unavailable) for another key, another context or changed bytes."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Broken(Reason.UNAVAILABLE, "sealed bytes do not open under this key") from error


def joined(kek: bytes, secret: bytes) -> bytes:
    """Join a week's wrapping key and a person's secret: without either nothing opens."""
    return hmac.digest(kek, b"onlyou wrapping 1|" + secret, "sha256")


def content_context(subject: Subject, obj: ObjectId) -> bytes:
    """Bind a content to its person and object, so that two blobs cannot be swapped."""
    return f"onlyou content 1|{subject}|{obj}".encode()


def companion_context(subject: Subject, obj: ObjectId, encoder: str) -> bytes:
    """Bind what an encoder made of a selfie to its person, to that selfie and to the encoder."""
    return f"onlyou companion 1|{subject}|{obj}|{encoder}".encode()


def memo_context(subject: Subject, obj: ObjectId) -> bytes:
    """Bind a person's own words to the one request that they were said with."""
    return f"onlyou memo 1|{subject}|{obj}".encode()


def held_context(subject: Subject, obj: ObjectId) -> bytes:
    """Bind a picture that is held back: where a portrait opens, it does not."""
    return f"onlyou held 1|{subject}|{obj}".encode()


def held_wrap_context(subject: Subject, obj: ObjectId, purpose: Purpose) -> bytes:
    """Bind the wrapped key of a picture that is held back, likewise apart from all others."""
    return f"onlyou held dek 1|{subject}|{obj}|{purpose}".encode()


def wrap_context(subject: Subject, obj: ObjectId, purpose: Purpose) -> bytes:
    """Bind a wrapped content key to its person, object and purpose."""
    return f"onlyou dek 1|{subject}|{obj}|{purpose}".encode()


def key_context(subject: Subject, purpose: Purpose, epoch: int) -> bytes:
    """Bind a person's wrapped key to the purpose and the grant it lives under."""
    return f"onlyou subject key 1|{subject}|{purpose}|{epoch}".encode()

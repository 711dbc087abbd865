# SPDX-License-Identifier: Apache-2.0
"""The installation's own certificate authority: one root, one leaf that signs pictures.

Both keys are derived from one secret of the key store, and the certificates are signed without
chance (RFC 6979), so that they are the same bytes at every start: there is nothing to keep, to
lose or to renew. They name the installation by the hash of its root key, and nobody.

The dates are fixed and far apart because no time-stamp authority is asked: it would be told of
every portrait. Whoever must replace the authority starts a new key store.
Source: RFC 5280; C2PA 2.2, section 14.5 (the leaf's key usage and extended key usage).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2049, 12, 31, tzinfo=UTC)
_NAME_CHARACTERS: Final = 16
_SERIAL_BYTES: Final = 16


@dataclass(frozen=True)
class Authority:
    """Keys and certificates of one installation, derived from one secret."""

    secret: bytes

    @property
    def anchor(self) -> str:
        """Return the root certificate as PEM: who has it can tell our pictures from all others."""
        return _pem(self._root)

    @property
    def chain(self) -> str:
        """Return the certificates that go into a picture, as PEM: the leaf alone."""
        return _pem(self._leaf)

    @property
    def signing_key(self) -> str:
        """Return the leaf's private key as PEM (PKCS 8)."""
        return (
            self._key(b"leaf")
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            .decode()
        )

    def _key(self, name: bytes) -> ec.EllipticCurvePrivateKey:
        """Derive a P-256 key: 512 bits of hash, so that no number is likelier than another."""
        drawn = hashlib.sha512(b"onlyou certificate 1|" + name + b"|" + self.secret).digest()
        return ec.derive_private_key(
            1 + int.from_bytes(drawn, "big") % (_ORDER - 1), ec.SECP256R1()
        )

    @cached_property
    def _root(self) -> x509.Certificate:
        return self._certificate(b"root", "root")

    @cached_property
    def _leaf(self) -> x509.Certificate:
        return self._certificate(b"leaf", "portraits")

    def _certificate(self, key: bytes, called: str) -> x509.Certificate:
        """Write one certificate, signed by the root."""
        root, own = self._key(b"root"), self._key(key).public_key()
        authority = key == b"root"
        builder = (
            x509.CertificateBuilder()
            .subject_name(self._name(called))
            .issuer_name(self._name("root"))
            .public_key(own)
            .serial_number(int.from_bytes(_digest(own)[:_SERIAL_BYTES], "big") >> 1)
            .not_valid_before(_FROM)
            .not_valid_after(_UNTIL)
            .add_extension(
                x509.BasicConstraints(ca=authority, path_length=0 if authority else None),
                critical=True,
            )
            .add_extension(_usage(signs_certificates=authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()),
                critical=False,
            )
        )
        if not authority:
            mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(mail, critical=False)
        return builder.sign(root, hashes.SHA256(), ecdsa_deterministic=True)

    def _name(self, called: str) -> x509.Name:
        own = _digest(self._key(b"root").public_key()).hex()[:_NAME_CHARACTERS]
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Onlyou installation {own}"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Onlyou {called} {own}"),
            ]
        )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _digest(key: ec.EllipticCurvePublicKey) -> bytes:
    raw = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(raw).digest()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()

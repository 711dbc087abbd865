# SPDX-License-Identifier: Apache-2.0
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from generation.authority import Authority

OURS = Authority(b"s" * 32)


def certificates() -> tuple[x509.Certificate, x509.Certificate]:
    """Read the root and the leaf."""
    root, leaf = (one.encode() for one in (OURS.anchor, OURS.chain))
    return x509.load_pem_x509_certificate(root), x509.load_pem_x509_certificate(leaf)


def test_every_start_gives_the_same_bytes() -> None:
    again = Authority(b"s" * 32)
    assert (again.anchor, again.chain) == (OURS.anchor, OURS.chain)
    assert again.signing_key == OURS.signing_key


def test_another_secret_is_another_installation() -> None:
    other = Authority(b"t" * 32)
    assert other.anchor != OURS.anchor
    assert other.signing_key != OURS.signing_key


def test_the_leaf_is_issued_by_the_root_and_may_sign_nothing_but_data() -> None:
    root, leaf = (
        x509.load_pem_x509_certificate(one.encode()) for one in (OURS.anchor, OURS.chain)
    )
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    limits = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)


def test_the_signing_key_is_the_leafs_and_not_the_roots() -> None:
    key = serialization.load_pem_private_key(OURS.signing_key.encode(), None)
    root, leaf = (
        x509.load_pem_x509_certificate(one.encode()) for one in (OURS.anchor, OURS.chain)
    )
    assert key.public_key() == leaf.public_key() != root.public_key()


def test_the_names_name_the_installation_and_nobody() -> None:
    leaf = x509.load_pem_x509_certificate(OURS.chain.encode())
    named = [attribute.value for attribute in leaf.subject]
    assert [str(one).rpartition(" ")[0] for one in named] == [
        "Onlyou installation",
        "Onlyou portraits",
    ]

# SPDX-License-Identifier: Apache-2.0
"""Content credentials (C2PA): what a file says of its making, signed; made and read offline.

A credential states the digital source type, the label, and the salted hash of the yes that the
portrait rests on. It holds no name, no id, no date, no position in the ledger. Four answers, never
mixed up:
trusted  whole, and signed by this installation
valid    whole, and signed by somebody whom we cannot vouch for
invalid  there is one and it does not hold: the picture or the credential was changed
absent   there is none, as in every copy that was saved anew
Source: C2PA 2.2; c2pa-python 0.38.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import c2pa

from consent import entries
from generation.authority import Authority

_CONSENT: Final = "org.onlyou.consent"
_ACTIONS: Final = "c2pa.actions.v2"
_SETTINGS: Final[Mapping[str, Any]] = {
    "version": 1,
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"ocsp_fetch": False, "remote_manifest_fetch": False, "verify_after_sign": False},
}
_ABSENT: Final = (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.RemoteManifest)


class State(StrEnum):
    """What became of a file's credential."""

    TRUSTED = "trusted"
    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a credential says."""

    #: 16 random bytes that name the credential, and mean nothing else
    name: bytes
    source_type: str
    #: the words shown with the portrait
    label: str
    #: salted hash of the ledger entry of the yes it rests on, hex
    receipt: str
    #: what was done to the picture after it was made, in words; None: nothing
    edited: str | None = None

    @property
    def id(self) -> str:
        """Name the credential as C2PA does."""
        return f"urn:c2pa:{UUID(bytes=self.name, version=4)}"

    @property
    def assertions(self) -> list[dict[str, Any]]:
        """Write what is asserted, as C2PA carries it."""
        actions = [{"action": "c2pa.created", "digitalSourceType": self.source_type}]
        if self.edited is not None:
            actions.append({"action": "c2pa.edited", "description": self.edited})
        own = {"label": self.label, "receipt": self.receipt}
        return [
            {"label": _ACTIONS, "data": {"actions": actions}},
            {"label": _CONSENT, "data": own},
        ]

    @property
    def sha256(self) -> str:
        """Hash what the credential says and how it is called: equal when read back from a file."""
        return _hashed(self.id, self.assertions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file's credential says; label and hash only where it is trusted."""

    state: State
    label: str | None = None
    sha256: str | None = None


class Credentials:
    """Sign files, and read credentials with this installation as the one that is trusted."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        info = c2pa.C2paSignerInfo(
            b"es256", authority.chain.encode(), authority.signing_key.encode(), None
        )
        signer = c2pa.Signer.from_info(info)
        self._signing = c2pa.Context.from_dict(dict(_SETTINGS), signer=signer)
        self._trust = c2pa.Context.from_dict(
            {**_SETTINGS, "trust": {"user_anchors": authority.anchor}}
        )

    @property
    def anchor(self) -> str:
        """Return the root certificate as PEM, for anybody who wants to check our files."""
        return self._authority.anchor

    def sign(self, file: bytes, media_type: str, statement: Statement) -> bytes:
        """Return the file with its credential: the last thing that is done to it."""
        definition = {
            "label": statement.id,
            "instance_id": statement.id,
            "claim_generator_info": [{"name": "Onlyou", "version": version("onlyou")}],
            "assertions": statement.assertions,
        }
        signed = io.BytesIO()
        builder = c2pa.Builder.from_json(definition, context=self._signing)
        builder.sign(media_type, io.BytesIO(file), signed)
        return signed.getvalue()

    def read(self, file: bytes, media_type: str) -> Reading:
        """Read a file's credential; a reader that fails on one says that it does not hold."""
        try:
            reader = c2pa.Reader.try_create(media_type, io.BytesIO(file), None, self._trust)
            if reader is None:
                return Reading(state=State.ABSENT)
            with reader:
                return _read(reader)
        except _ABSENT:
            return Reading(state=State.ABSENT)
        except c2pa.C2paError:
            return Reading(state=State.INVALID)


def _read(reader: c2pa.Reader) -> Reading:
    state = State((reader.get_validation_state() or State.INVALID).lower())
    active = reader.get_active_manifest() if state is State.TRUSTED else None
    if active is None:
        return Reading(state=state)
    stated = [{"label": one["label"], "data": one["data"]} for one in active["assertions"]]
    own: Mapping[str, Any] = next((one["data"] for one in stated if one["label"] == _CONSENT), {})
    return Reading(state=state, label=own.get("label"), sha256=_hashed(active["label"], stated))


def _hashed(name: str, assertions: list[dict[str, Any]]) -> str:
    return sha256(entries.canonical({"name": name, "assertions": assertions})).hexdigest()

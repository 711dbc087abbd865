# SPDX-License-Identifier: Apache-2.0
"""Content credentials (C2PA): what a file says of its making, signed; made and read offline.

A credential states the digital source type, the label, and the salted hash of the yes that the
portrait rests on. It holds no name, no id, no date, no position in the ledger. Files are read in a
process of their own (`notary`). Four answers, never mixed up:
trusted  whole, and signed by this installation
valid    whole, and signed by somebody whom we cannot vouch for
invalid  there is one and it does not hold: the picture or the credential was changed
absent   there is none, as in every copy that was saved anew
Source: C2PA 2.2; c2pa-python 0.38.
"""

import io
import json
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import c2pa

from generation import apart, notary
from generation.apart import Apart
from generation.authority import Authority
from generation.notary import CONSENT, SETTINGS, Reading, State, hashed

_ACTIONS: Final = "c2pa.actions.v2"
_LONGEST: Final = 1_000
"""Bytes of an answer, and letters of the label in it."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")


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
            {"label": CONSENT, "data": own},
        ]

    @property
    def sha256(self) -> str:
        """Hash what the credential says and how it is called: equal when read back from a file."""
        return hashed(self.id, self.assertions)


class Credentials:
    """Sign files, and read credentials with this installation as the one that is trusted."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        info = c2pa.C2paSignerInfo(
            b"es256", authority.chain.encode(), authority.signing_key.encode(), None
        )
        signer = c2pa.Signer.from_info(info)
        self._signing = c2pa.Context.from_dict(dict(SETTINGS), signer=signer)

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
        """Have a file's credential read, as far as can be: what fails on one does not hold.

        Errors: Broken(unavailable) where no process can be had to do it.
        """
        ordered = notary.order(file, media_type, self._authority.anchor)
        return judged(_NOTARY.answered(ordered))


def judged(answer: bytes) -> Reading:
    """Believe an answer as far as it can be; one that cannot be means: it does not hold."""
    try:
        state, label, digest = json.loads(answer)
        found = Reading(state=State(state), label=label, sha256=digest)
    except (ValueError, TypeError, RecursionError):
        return _INVALID
    silent = label is None and digest is None
    led = isinstance(label, str) and isinstance(digest, str) and _HASH.fullmatch(digest)
    return found if silent or (led and found.state is State.TRUSTED) else _INVALID


_INVALID: Final = Reading(state=State.INVALID)
_NOTARY: Final = apart.kept(Apart("generation.notary", most=_LONGEST))

# SPDX-License-Identifier: Apache-2.0
"""Rules 1 and 2: the checkpoint, who signed it, and what else speaks of the same log.

Whatever cannot be read fails closed: a key line or a threshold that is none is a finding.
"""

from pathlib import Path
from typing import Any

from consent.verify.canonical import Folder, read_json
from consent.verify.findings import Code, Findings
from consent.verify.signatures import Head, Signatures, VerifierKey, read_key, read_note

_WITNESSES = "keys/witnesses.json"
_SCHEMA = "onlyou-bundle/1"


def checkpoint(folder: Folder, findings: Findings, signatures: Signatures) -> Head | None:
    """Read the checkpoint and check the lines under it, the witnesses' too."""
    head = read_note(folder.read("checkpoint"))
    if head is None:
        findings.add("bundle-unreadable", "there is no readable checkpoint", file="checkpoint")
        return None
    signatures.log(head, log_keys(folder, findings), "checkpoint", every=True)
    match read_json(folder.read(_WITNESSES)):
        case {"threshold": int(threshold), "keys": list(lines)} if _counts(threshold):
            keys = _witness_keys(lines, findings)
            signatures.witnesses(head, threshold, keys)
        case _:
            detail = "it does not say how many witnesses must cosign, and which"
            findings.add("bundle-unreadable", detail, file=_WITNESSES)
    return head


def _counts(threshold: int) -> bool:
    return threshold >= 0 and type(threshold) is int


def _witness_keys(lines: list[Any], findings: Findings) -> list[VerifierKey]:
    keys = []
    for line in lines:
        key = read_key(line) if isinstance(line, str) else None
        if key is None:
            detail = f"{str(line)[:80]!a} is no verifier key"
            findings.add("bundle-unreadable", detail, file=_WITNESSES)
        else:
            keys.append(key)
    return keys


def log_keys(folder: Folder, findings: Findings) -> list[VerifierKey]:
    """Read the log's own keys, a line each."""
    file = "keys/log.vkey"
    text = (folder.read(file) or b"").decode(errors="replace")
    lines = text.removesuffix("\n").split("\n")
    keys = [key for line in lines if (key := read_key(line))]
    if len(keys) < len(lines):
        findings.add("bundle-unreadable", "a line of it is no verifier key", file=file)
    return keys


def manifest(folder: Folder, findings: Findings, head: Head) -> None:
    """Expect the manifest to be of this version, and to say what the checkpoint says."""
    file = "manifest.json"
    match read_json(folder.read(file)):
        case {"schema": schema} if schema != _SCHEMA:
            detail = f"it is {str(schema)[:80]!a}; this verifier reads {_SCHEMA}"
            findings.add("bundle-unreadable", detail, file=file)
        case {"schema": _, "origin": origin, "size": size, "root": root}:
            told: tuple[tuple[Code, Any, Any], ...] = (
                ("inconsistent-checkpoint", origin, head.origin),
                ("size-mismatch", size, head.size),
                ("root-mismatch", root, head.root.hex()),
            )
            for code, said, signed in told:
                if said != signed:
                    detail = f"it says {str(said)[:80]!a}, the checkpoint {signed!a}"
                    findings.add(code, detail, file=file)
        case _:
            findings.add("bundle-unreadable", "there is no readable manifest", file=file)


def kept_head(
    path: Path, folder: Folder, findings: Findings, signatures: Signatures
) -> Head | None:
    """Read a checkpoint that somebody kept, signed by the same log."""
    kept = read_note(Folder(path.parent).read(path.name))
    if kept is None:
        findings.add("bundle-unreadable", "the kept checkpoint is not readable", file=path.name)
    else:
        signatures.log(kept, log_keys(folder, findings), path.name)
    return kept

# SPDX-License-Identifier: Apache-2.0
"""Verify a bundle offline, without trusting the engine that wrote it: `python -I verify.py DIR`.

This package stands alone on purpose: it imports nothing else of Onlyou and needs no more than the
standard library; `make verifier` writes it as one file, `dist/verify.py`, so that an auditor can
read all of it and carry it home. What the engine also knows (tree,
notes, policy) is therefore written here a second time. With the package `cryptography` it checks
signatures too; without it they are reported as unchecked, which is no finding.

Rules, each with the code of its finding:
 1. the checkpoint is readable, signed by the log's key, cosigned by enough witnesses
                          bundle-unreadable signature-missing signature-invalid witness-threshold
 2. it says the same as the manifest and as any checkpoint kept from before
                          size-mismatch root-mismatch inconsistent-checkpoint
 3. all entries are there, hash to the tiles, and the tiles to the root
                          seq-gap size-mismatch root-mismatch
 4. every entry is canonical and has its fields; time never goes back     entry-malformed
                          time-reversed
 5. each person's entries form one chain without a gap        chain-broken chain-hidden
 6. policies and notices are what their hash says and are published before use
                          policy-mismatch policy-unpublished notice-mismatch
 7. every grant quotes a notice served before to the same person for the same purpose, once, and
    lasts as its policy says          notice-unserved notice-mismatch grant-backdated
 8. every decision rests on what the log shows, and its verdict is the policy's own, recomputed
    from the opened facts             verdict-mismatch commitment-mismatch
 9. every effect spends one earlier allowed decision on the same thing, once, in time, on a basis
    that still holds      effect-without-decision decision-denied decision-reused effect-expired
                          effect-after-withdrawal key-use-after-destroy
10. what a withdrawal says it ended has ended: bases, keys, portraits, selfies     erasure-false
11. blocks and aggregates hash to what their entry says      block-mismatch commitment-mismatch
12. what is tried on people has a plan among the files, and its days and stops are that plan's
                          commitment-mismatch

`verify(..., observer=)` hands out what was verified while it is read (observer.Observer).
"""

from consent.verify.checking import verify
from consent.verify.command import main, text
from consent.verify.findings import Code
from consent.verify.observer import Changed, Decided, Done, Observer

__all__ = ["Changed", "Code", "Decided", "Done", "Observer", "main", "text", "verify"]

# SPDX-License-Identifier: Apache-2.0
"""Places and chains: each person's entries name the one before."""

import pytest

from consent.verify.findings import Findings
from consent.verify.people import Chains, Person, place, place_in, place_of, seq_of, told


@pytest.mark.parametrize(
    ("text", "prev", "seq"),
    [
        (None, None, -1),
        (b"0", 0, 0),
        (b"17", 17, 17),
        (b"[17,0]", [17, 0], 17),
        (b"[9,7]", [9, 7], 9),
    ],
)
def test_a_place_is_read_alike_from_bytes_and_values_and_written_back(
    text: bytes | None, prev: int | list[int] | None, seq: int
) -> None:
    assert place_in(text) == place_of(prev)
    assert seq_of(place_of(prev)) == seq
    assert told(place_of(prev)) == ("None" if text is None else text.decode())
    person = Person()
    person.last = place_of(prev)
    assert person.prev() == prev


def test_no_two_places_are_one_number() -> None:
    numbers = [place_of(seq) for seq in range(3)]
    numbers += [place(seq, slot) for seq in range(3) for slot in range(3)]
    assert len(set(numbers)) == len(numbers)


def test_a_break_names_what_it_passed_over() -> None:
    findings = Findings()
    chains = Chains(findings)
    one = chains.person(b"tag")
    assert chains.person(b"tag") is one
    chains.link(3, one, -1)
    chains.link(5, one, 3)
    chains.link(9, one, place(7, 1))
    told_of = [(f["code"], f["seq"]) for f in findings.found]
    assert told_of == [("chain-hidden", 7), ("chain-broken", 9)]
    chains.link(11, one, 9)
    assert findings.total == 2

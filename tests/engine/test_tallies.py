# SPDX-License-Identifier: Apache-2.0
from consent.gate import Ask, Denial
from consent.words import ObjectId, Purpose, Step
from engine.tallies import Denials
from tests.engine.town import Town

SELECTED = ("select", "not-granted")
READ = ("read", "not-granted")


def denied(town: Town) -> None:
    answer = town.rooms.consent.gate.ask_all(
        [
            Ask(
                step=Step.READ,
                subject=town.people["Cy"],
                purpose=Purpose.IMAGINE,
                object=ObjectId(1),
                request=ObjectId(1),
            )
        ]
    )
    assert isinstance(answer[0], Denial)


def test_a_server_counts_from_when_it_was_first_asked_and_reads_on(small_town: Town) -> None:
    small_town.plan()
    denied(small_town)
    whole, later = Denials(since=0), Denials()
    ledger = small_town.rooms.consent.ledger
    before = whole.read(ledger)
    assert before[SELECTED] >= 1
    assert before[READ] == 1
    assert later.read(ledger) == {}
    denied(small_town)
    assert later.read(ledger) == {READ: 1}
    assert later.read(ledger) == {READ: 1}
    assert whole.read(ledger) == {**before, READ: 2}

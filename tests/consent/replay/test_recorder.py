# SPDX-License-Identifier: Apache-2.0
from consent.arrays import KINDS, VERDICTS
from consent.replay.lives import lives
from consent.replay.recorded import NEVER, PURPOSES, STEPS, UNKNOWN
from consent.verify import Changed, Decided, Done
from consent.words import Kind, Purpose, Step
from tests.consent.replay.histories import NOON, columns

POLICY = "ab" * 32


def decided(seq: int, slot: int | None = None, **more: object) -> Decided:
    told = Decided(
        *(seq, slot, NOON, "select", "feed_insert", f"tag {slot}", POLICY, None),
        *(None if slot is not None else "thing", {"kind": "explicit"}, None, "explicit"),
    )
    return told._replace(**more)  # type: ignore[arg-type]


def test_a_decision_becomes_a_row_and_its_effect_spends_it() -> None:
    denied = decided(1, reason="cap", facts=None, basis=None)
    recorded = columns([decided(0), denied, Done(2, NOON + 5, (0, None), "t", "select", "thing")])
    assert recorded.seq.tolist() == [0, 1]
    assert recorded.slot.tolist() == [UNKNOWN, UNKNOWN]
    assert [VERDICTS[code] for code in recorded.verdict] == ["allow", "cap"]
    assert [KINDS[code] for code in recorded.basis] == [Kind.EXPLICIT, None]
    assert recorded.facts.tolist() == [0, UNKNOWN]
    assert recorded.done.tolist() == [2, NEVER]
    assert recorded.done_at.tolist() == [NOON + 5, 0]
    assert (STEPS[recorded.step[0]], PURPOSES[recorded.purpose[0]]) == (
        Step.SELECT,
        Purpose.FEED_INSERT,
    )
    assert recorded.policies == [POLICY]


def test_a_decision_in_a_block_is_about_what_its_effect_names() -> None:
    slots = [decided(7, slot) for slot in range(3)]
    effect = Done(8, NOON, (7, 1), "tag 1", "select", "portrait", "request")
    after = decided(9, object="portrait", request="request")
    recorded = columns([*slots, effect, after])
    assert recorded.slot.tolist() == [0, 1, 2, UNKNOWN]
    assert recorded.spent.tolist() == [False, True, False, False]
    assert recorded.object.tolist()[0] == UNKNOWN
    life = lives(recorded).tolist()
    assert life[1] == life[3] != UNKNOWN
    assert life[0] == life[2] == UNKNOWN
    assert list(recorded.tags) == ["tag 0", "tag 1", "tag 2", "tag None"]


def test_an_effect_of_nothing_is_passed_over() -> None:
    """The verifier has its finding; whoever replays asks for that first."""
    recorded = columns([decided(3), Done(5, NOON, (4, None), "t", "select", "thing")])
    assert recorded.spent.tolist() == [False]


def test_beginnings_and_ends_are_told_apart() -> None:
    told = [
        Changed(seq, NOON, t, "ada", "likeness", kind, None)
        for seq, (t, kind) in enumerate([("grant", "implied"), ("renew", "explicit")])
    ]
    ends = [Changed(5, NOON, t, "ada", "likeness", None, None) for t in ("withdraw", "expire")]
    recorded = columns([*told, *ends])
    assert recorded.changes.begins.tolist() == [1, 1, 0, 0]
    assert [KINDS[code] for code in recorded.changes.kind[:2]] == [Kind.IMPLIED, Kind.EXPLICIT]

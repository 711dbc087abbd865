# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from consent.replay.lives import lives, things
from consent.replay.recorded import UNKNOWN
from consent.words import Step
from tests.consent.replay.histories import Ask, columns, told


def test_objects_and_requests_are_numbered_and_keep_what_is_not_named() -> None:
    asks = [
        Ask(object="a", request="one"),
        Ask(step=Step.READ, object="selfie", request="one"),
        Ask(step=Step.VIEW, object="a"),
        Ask(step=Step.VIEW, object="b"),
    ]
    recorded = columns(told(asks))
    first, read, view, other = things(recorded).tolist()
    assert first == view
    assert len({first, read, other}) == 3
    life, of_read, of_view, alone = lives(recorded).tolist()
    assert life == of_read == of_view != alone
    blank = replace(recorded, object=recorded.object * 0 + UNKNOWN)
    assert set(things(blank).tolist()) == {UNKNOWN}


def test_a_selfie_belongs_to_no_portrait() -> None:
    asks = [
        Ask(step=Step.READ, object="selfie", request="one"),
        Ask(step=Step.ENROL, object="selfie"),
    ]
    read, enrolled = lives(columns(told(asks))).tolist()
    assert read != enrolled

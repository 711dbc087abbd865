# SPDX-License-Identifier: Apache-2.0
"""From a wish to a sealed portrait, against the real consent room."""

from collections.abc import Callable

from consent.gate import Ask, View
from consent.tables import asset_view
from consent.words import Purpose, Step
from generation import portraits
from generation.portraits import Portrait
from tests.generation.house import House


def test_a_wish_becomes_a_portrait_that_its_owner_can_open(house: Callable[..., House]) -> None:
    home = house()
    request = home.order(home.sitter(1))
    (made,) = home.studio.make([request])
    assert made == Portrait(request=request, recipe="head")
    look: Ask[View] = Ask(
        step=Step.VIEW, subject=request.subject, purpose=Purpose.IMAGINE, object=request.id
    )
    content = home.consent.vault.view(home.consent.gate, look, asset_view)
    picture = portraits.unpack(content)
    assert picture.media_type == "image/jpeg"
    assert picture.provenance.scenario == "plain"
    assert picture.provenance.owner_distance < 0.3

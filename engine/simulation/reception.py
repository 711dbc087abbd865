# SPDX-License-Identifier: Apache-2.0
"""How an insert is taken by who sees it: knew why, surprised, an ad, hidden and how soon.

    knew why      words of notice and label, the card, how many they have seen before
    surprised     less if they knew why; more at first, early in the page, and without a yes
    taken for ad  more where the label is silent, early in the page or close to another
    hidden        after surprise, or taken for an ad, more often and sooner
    trust         falls with each of these and with nothing else

These four are latent: nobody is asked on the feed, so they are measured in here alone, beside
what people do. Every number is a coefficient of data/simulation.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.simulation.agreeing import Flags
from engine.simulation.handling import Numbers

_MOST_LEARNT: Final = 5.0
"""Inserts after which another one teaches nobody anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is known of each insert when it is seen. Shapes: each (n,), one insert a row."""

    arms: Mapping[str, Numbers]  #: as handling.of_people gives them
    implied: Numbers  #: 1 where nobody was asked
    unwilling: Numbers  #: 1 where they would have said no
    seen: Numbers  #: inserts they saw before
    crowd: Numbers  #: posts fewer than six since the insert before, 0 for one alone on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Lots:
    """One number in [0, 1) a row and question. Shapes: each (n,)."""

    knew: Numbers
    surprised: Numbers
    advert: Numbers
    sooner: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How it was taken. Shapes: each (n,)."""

    knew: Flags
    surprised: Flags
    advert: Flags


def receive(know: Mapping[str, float], sight: Sight, lots: Lots) -> Reception:
    """Say how each insert is taken."""
    knew = lots.knew < sigmoid(_knew(know, sight))
    surprised = lots.surprised < sigmoid(_surprised(know, sight, knew))
    advert = lots.advert < sigmoid(_advert(know, sight, knew))
    return Reception(knew=knew, surprised=surprised, advert=advert)


def sigmoid(logit: Numbers) -> Numbers:
    """Turn log-odds into a chance."""
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def engage(know: Mapping[str, float], sight: Sight, taken: Reception) -> Numbers:
    """Say what is added to the log-odds of a like or a share. Shapes: (n,)."""
    return np.asarray(
        know["engage.surprised"] * taken.surprised
        + know["engage.advert"] * taken.advert
        + know["engage.filtered"] * sight.arms["filtered"]
    )


def refuse(know: Mapping[str, float], sight: Sight, taken: Reception) -> Numbers:
    """Say what is added to the log-odds of hiding, of `fewer` and of a report. Shapes: (n,)."""
    return np.asarray(
        know["refuse.surprised"] * taken.surprised
        + know["refuse.advert"] * taken.advert
        + know["refuse.crowd"] * sight.crowd
        + know["refuse.filtered"] * sight.arms["filtered"]
    )


def withdraw(know: Mapping[str, float], sight: Sight, taken: Reception) -> Numbers:
    """Say what is added to the logarithm of the hazard of turning it all off. Shapes: (n,)."""
    return np.asarray(
        know["withdraw.implied"] * sight.implied
        + know["withdraw.unwilling"] * sight.implied * sight.unwilling
        + know["withdraw.surprised"] * taken.surprised
        + know["withdraw.advert"] * taken.advert
    )


def trust(know: Mapping[str, float], taken: Reception) -> Numbers:
    """Say what trust loses by it, or gains. Shapes: (n,)."""
    return np.asarray(
        know["trust.knew"] * taken.knew
        + know["trust.surprised"] * taken.surprised
        + know["trust.advert"] * taken.advert
    )


def seconds(know: Mapping[str, float], taken: Reception, lots: Lots) -> Numbers:
    """Say after how many seconds it is hidden, where it is: a log-logistic time. Shapes: (n,)."""
    odds = np.clip(lots.sooner, 1e-6, 1.0 - 1e-6)
    spread = know["seconds.spread"] * np.log(odds / (1.0 - odds))
    moved = know["seconds.surprised"] * taken.surprised + know["seconds.advert"] * taken.advert
    return np.asarray(np.exp(know["seconds.rest"] + moved + spread))


def _knew(know: Mapping[str, float], sight: Sight) -> Numbers:
    asked = 1.0 - sight.implied
    return np.asarray(
        know["knew.rest"]
        + know["knew.asked"] * asked
        + know["knew.carded"] * sight.arms["carded"]
        + know["knew.plain"] * asked * sight.arms["plain"]
        + know["knew.vague"] * asked * sight.arms["vague"]
        + know["knew.says-made"] * sight.arms["says_made"]
        + know["knew.seen"] * np.minimum(sight.seen, _MOST_LEARNT)
    )


def _surprised(know: Mapping[str, float], sight: Sight, knew: Flags) -> Numbers:
    return np.asarray(
        know["surprised.rest"]
        + know["surprised.knew"] * knew
        + know["surprised.first"] * (sight.seen == 0.0)
        + know["surprised.early"] * sight.arms["early"]
        + know["surprised.unwilling"] * sight.unwilling
        + know["surprised.says-who"] * sight.arms["says_who"]
        + know["surprised.leads"] * sight.arms["leads"]
    )


def _advert(know: Mapping[str, float], sight: Sight, knew: Flags) -> Numbers:
    return np.asarray(
        know["advert.rest"]
        + know["advert.knew"] * knew
        + know["advert.says-who"] * sight.arms["says_who"]
        + know["advert.leads"] * sight.arms["leads"]
        + know["advert.says-made"] * sight.arms["says_made"]
        + know["advert.early"] * sight.arms["early"]
        + know["advert.crowd"] * sight.crowd
    )

# SPDX-License-Identifier: Apache-2.0
"""What a scenario is: a drawing behind the head, one before it, and how the head sits between."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field
from generation.recipes.photobooth.light import DAYLIGHT, Light


class Mood(StrEnum):
    """Which of several selfies suits best."""

    SMILE = "smile"
    HALF = "half"
    NEUTRAL = "neutral"


class Covers(StrEnum):
    """How much of the head the costume hides, and so which cut hair it forgives."""

    NOTHING = "nothing"
    """Bare head: the whole outline shows."""
    HAIR = "hair"
    """A hat: the top is hidden, the sides show."""
    HEAD = "head"
    """A helmet or hood: only the face shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The shadow that all in front of the head, above the chin, throws on it. Units: pixels."""

    right: float = 2
    down: float = 9
    blur: float = 9
    strength: float = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One costume and scene. `behind` and `front` draw on a `Canvas` and never see a person."""

    id: str
    behind: Callable[[Canvas], None]
    """Draw the scene (opaque) and the back of the costume."""
    front: Callable[[Canvas], None]
    """Draw the costume from far to near, headgear, then what stands before it."""
    light: Light = DAYLIGHT
    e: float = 68
    """Eye distance in pixels of 512: 64 to 76."""
    ey: float = 262
    """Height of the eyes in pixels of 640: 246 to 290."""
    mood: Mood = Mood.SMILE
    covers: Covers = Covers.NOTHING
    opening: Callable[[Canvas], Field] | None = None
    """Where the head may show, 1 inside: hat line, hood opening, collar line. None: everywhere."""
    long_hair: bool = True
    """Hair below the chin shows."""
    relight: float = 0.65
    rim: float = 0.45
    wrap: float = 0.2
    """How much of the scene's light spills round the head's edge."""
    inside: float = 0.0
    """How dark the head gets towards the edge of its opening: hoods and portholes 0.3 to 0.75."""
    head_shadow: float = 0.35
    """The head's own shadow on what lies behind it."""
    neck: float = 0.58
    """Lightness of the drawn neck just under the chin, of the cheeks'."""
    hat_shadow: Cast | None = None
    finish: Finish = field(default_factory=Finish)

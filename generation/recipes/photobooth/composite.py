# SPDX-License-Identifier: Apache-2.0
"""Put a head between two plates: scene, neck, head, costume; each shades what lies behind it."""

import numpy as np

from generation.recipes.photobooth.colour import from_lab
from generation.recipes.photobooth.cutout import Head
from generation.recipes.photobooth.finish import Composite
from generation.recipes.photobooth.geometry import Field, Points, mirrored, ramp, shift, smooth
from generation.recipes.photobooth.light import Light, unit
from generation.recipes.photobooth.plates import Plates
from generation.recipes.photobooth.relight import relight
from generation.recipes.photobooth.scenario import Scenario


def compose(head: Head, plates: Plates, scenario: Scenario, light: Light, seed: int) -> Composite:
    """Build the portrait in the page's layer order, without its finish."""
    lit = relight(head, light, amount=scenario.relight, rim=scenario.rim)
    return lay(head, lit, plates, scenario, light, seed=seed)


def lay(
    head: Head, lit: Field, plates: Plates, scenario: Scenario, light: Light, *, seed: int
) -> Composite:
    """Lay a head that is lit already between its plates, without the finish."""
    alpha = np.maximum(head.alpha, head.hair) if scenario.long_hair else head.alpha
    alpha = alpha * plates.opening
    lit = lit * (1 - plates.shade)[..., None]
    picture = _neck(plates.behind.astype(np.float32), head, plates, scenario, light)
    picture = _head(picture, lit, alpha, scenario)
    front = plates.front.astype(np.float32)
    picture = picture * (1 - front[..., 3:]) + front[..., :3]
    return Composite(
        frame=head.frame, picture=picture, head=alpha * (1 - front[..., 3]), body=front[..., 3],
        face=plates.face, seed=seed, chin=head.chin,
    )  # fmt: skip


def neck_outline(chin: float) -> Points:
    """Outline the drawn neck (right half): slim behind the jaw, or it shows beside the face."""
    return [
        (0, 0.8), (0.58, 0.8), (0.6, chin), (0.66, chin + 0.35), (0.76, 2.45), (0.8, 2.7),
        (0, 2.85),
    ]  # fmt: skip


def _neck(picture: Field, head: Head, plates: Plates, scenario: Scenario, light: Light) -> Field:
    """Draw a neck in the cheeks' colour: it fills what a removed collar leaves open."""
    chin, frame = head.chin, head.frame
    mask = frame.area(mirrored(neck_outline(chin))) * plates.opening_below
    lower = ramp(frame.Y + 0.25 * frame.X**2, chin - 0.1, chin + 0.75)
    key = unit(light.key)[0]
    across = np.clip(frame.X / 0.75, -1, 1)
    round_ = 1 - 0.22 * across**2 + 0.16 * key * across
    lab = np.empty((*mask.shape, 3), np.float32)
    lab[...] = head.skin
    lab[..., 0] *= (scenario.neck + (0.9 - scenario.neck) * lower) * round_
    cover = mask[..., None]
    return picture * (1 - cover) + from_lab(lab) * cover


def _head(picture: Field, lit: Field, alpha: Field, scenario: Scenario) -> Field:
    """Lay the head over the scene, its shadow below it, some of the scene's light on its edge."""
    shadow = smooth(shift(alpha, 4, 10), 9) * (1 - alpha) * np.float32(scenario.head_shadow)
    picture = picture * (1 - shadow[..., None])
    cover = alpha[..., None]
    if scenario.wrap:
        spill = smooth(picture * (1 - cover), 7) * (1 - smooth(alpha, 5))[..., None]
        lit = lit + spill * np.float32(scenario.wrap) * cover
    return picture * (1 - cover) + lit * cover

# SPDX-License-Identifier: Apache-2.0
"""Time a pack of avatars from order to zip: `onlyou bench packs`.

One person with three selfies under tiktok-avatars-2023, as large a pack as that policy takes, real
clock and real pixels, over HTTP; the atelier works in the same process. The floor of an avatar is
the bare recipe on the same rows, with as many threads; that of the whole pack is two minutes, the
"couple of minutes" of the article: under this policy the first avatar is gone after five.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from openpeople import curated
from starlette.testclient import TestClient

from benchmarks.conditions import Result, report
from consent.words import Purpose, Subject
from engine import settings, wanting, wiring
from engine.api.tokens import scopes_of
from engine.rooms import Rooms
from engine.web import site
from generation import inspection, selfies
from generation.drawing import Drawing
from generation.recipes import Row
from generation.selfies import Accepted, Attested

POLICY: Final = "tiktok-avatars-2023"
STYLES: Final = ("astronaut", "jazz", "knight", "oldmaster", "pirate")
PICTURES: Final = ("amateur_selfie", "amateur_posture", "studio_portrait")
TARGET: Final = 120_000.0
PACKAGES: Final = ("onlyou", "numpy", "opencv-python-headless", "sqlalchemy", "fastapi")
_TRUE: Final = Attested(myself=True, adult=True)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure one pack; the smoke size has one avatar a style."""
    del users  # one person is enough
    with tempfile.TemporaryDirectory() as folder:
        rooms = wiring.install(settings.read(Path(folder) / "home", policy=POLICY))
        person = _arrive(rooms)
        count = len(STYLES) if smoke else rooms.consent.policy.packs.outputs
        results = _measured(rooms, person, count)
        rooms.consent.ledger.engine.dispose()
    return report("packs", smoke=smoke, packages=PACKAGES, results=results)


def _measured(rooms: Rooms, person: Subject, count: int) -> list[Result]:
    bare = _bare(rooms, person, count)
    app = site(rooms, rooms.settings)
    client = TestClient(app)
    token = app.state.desk.issuer.issue(person, scopes_of(None, person))
    client.headers["Authorization"] = f"Bearer {token}"
    start = perf_counter()
    asked = client.post("/v1/packs", json={"styles": STYLES, "count": count})
    ordered = perf_counter()
    app.state.atelier.drain()
    made = perf_counter()
    place = asked.headers["location"]
    job = client.get(place).json()
    zipped = len(client.get(f"{place}/download").content)
    saved = perf_counter()
    whole, name = (made - start) * 1_000, f"a pack of {count} in {len(STYLES)} styles"
    return [
        _result(f"{name}: avatars that stand", len(job["portraits"]), "", count),
        _result(f"{name}: the order is answered", (ordered - start) * 1_000, "ms", 1),
        _result(f"{name}: drawn, checked, sealed", whole, "ms", 1, TARGET),
        _result(f"{name}: an avatar", whole / count, "ms", count, bare / count),
        _result(f"{name}: all of them as one zip", (saved - made) * 1_000, "ms", 1),
        _result(f"{name}: the zip", zipped / 1_000_000, "MB", 1),
    ]


def _bare(rooms: Rooms, person: Subject, count: int) -> float:
    """Draw the same rows with nothing around the recipe; return ms."""
    rules, models = rooms.consent.policy.selfies, inspection.shipped()
    judged = selfies.examine(_files(), _TRUE, rules, faces=models.faces, scorer=models.scorer)
    likenesses = tuple(one.likeness for one in judged if isinstance(one, Accepted))
    rows = [
        Row(likenesses=likenesses, scenario=wish.scenario, seed=wish.seed)
        for wish in wanting.pack(rooms, person, STYLES, count)
    ]
    drawing = Drawing(rooms.studio.recipe, workers=rooms.settings.threads)
    drawing.finish(drawing.begin(rows[:1]), [True])
    start = perf_counter()
    drawing.finish(drawing.begin(rows), [True] * count)
    return (perf_counter() - start) * 1_000


def _arrive(rooms: Rooms) -> Subject:
    consent, person = rooms.consent, rooms.consent.accounts.add("Ada").subject
    for purpose in (Purpose.LIKENESS, Purpose.AVATAR_PACK):
        served = consent.notices.serve(person, purpose)
        consent.grants.grant(person, purpose, served.served_id, method="cli")
    rooms.studio.enrol(person, _files(), _TRUE, purpose=Purpose.AVATAR_PACK)
    return person


def _files() -> Sequence[bytes]:
    somebody = curated.list()[0]
    return [Path(somebody.asset_path(picture)).read_bytes() for picture in PICTURES]


def _result(what: str, value: float, unit: str, n: int, floor: float | None = None) -> Result:
    return {
        "what": what,
        "value": round(value, 2),
        "unit": unit,
        "floor": None if floor is None else round(floor, 1),
        "ratio": None if floor is None else round(value / floor, 3),
        "n": n,
        "spread": 0.0,
    }

# SPDX-License-Identifier: Apache-2.0
"""What keeping a face's conditioning sealed beside its selfie takes: `onlyou bench conditioning`.

The encoder costs nothing here: what is made lies ready, in the two shapes that recipes use. So the
figures are those of packing, sealing, one transaction a batch, reading again and withdrawing.
Floors, of the same run: keeping, AES-GCM and a bare INSERT of as many bytes with one commit;
reading, the same reading without conditioning; withdrawing, a person of whom none is kept.
"""

import io
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, func, select

from benchmarks.conditions import Result, report
from benchmarks.homes import BOTH, empty, opened
from consent.words import Purpose, Step, Subject
from generation import conditioning, orders, reading, selfies
from generation.batching import Batch
from generation.portraits import Request, Wish
from generation.recipes import Likeness
from generation.tables import conditioning as kept
from tests.generation.samples import Pool
from tests.rooms import Rooms

PACKAGES: Final = ("cryptography", "sqlalchemy", "psycopg", "numpy")
SHAPES: Final = {"vector, 512": (512,), "tokens, 257 x 1280": (257, 1280)}
BATCH: Final = 16


class Ready(Pool):
    """A pool whose encoder costs nothing: every selfie becomes the same array."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.made = np.random.default_rng(7).normal(size=shape).astype(np.float32)

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        """Return what lies ready."""
        del likeness
        return self.made


@dataclass(frozen=True, slots=True)
class Sitting:
    """People with one selfie each, on one database."""

    rooms: Rooms
    people: tuple[Subject, ...]

    def batches(self) -> Iterator[Sequence[Request]]:
        """Order one portrait of each, a batch at a time."""
        for start in range(0, len(self.people), BATCH):
            yield [_order(self.rooms, one) for one in self.people[start : start + BATCH]]


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure both shapes on both databases."""
    count = users or (4 if smoke else 128)
    kinds = BOTH[:1] if smoke else BOTH
    results = [
        one
        for kind in kinds
        for name, shape in SHAPES.items()
        for one in measured(kind, name, shape, count)
    ]
    return report("conditioning", smoke=smoke, packages=PACKAGES, results=results)


def measured(kind: str, name: str, shape: tuple[int, ...], count: int) -> Iterator[Result]:
    """Keep, read and withdraw as many people's conditioning."""
    recipe, what = Ready(shape), f"{kind}, {name}"
    with empty(kind) as urls:
        with opened(next(urls)) as rooms:
            sitting = Sitting(rooms, _people(rooms, count))
            yield _result(f"{what}: kept", _kept(sitting, recipe), "a s", _bare(rooms, recipe))
            (size,) = _sizes(rooms)
            yield _result(f"{what}: in its row", [size], "bytes", [recipe.made.nbytes])
            plain = _read(sitting, recipe, None)
            yield _result(
                f"{what}: read with it", _read(sitting, recipe, recipe.encoder), "ms", plain
            )
            with_it = _withdrawn(sitting)
            rooms.close()
        with opened(next(urls)) as rooms:
            without = _withdrawn(Sitting(rooms, _people(rooms, count)))
            rooms.close()
        yield _result(f"{what}: withdrawal", with_it, "ms", without)


def _kept(sitting: Sitting, recipe: Ready) -> list[float]:
    """Give how many a second are packed, sealed and written, batch by batch."""
    consent = sitting.rooms.consent
    rates = []
    for requests in sitting.batches():
        batch = _opened(sitting.rooms, requests, recipe.encoder)
        start = perf_counter()
        conditioning.complete(batch, recipe, ledger=consent.ledger, vault=consent.vault)
        rates.append(len(requests) / (perf_counter() - start))
    return rates


def _bare(rooms: Rooms, recipe: Ready) -> list[float]:
    """Give how many a second a bare INSERT of as many encrypted bytes makes."""
    engine = rooms.consent.ledger.engine
    table = Table("bare", MetaData(), Column("n", Integer), Column("sealed", LargeBinary))
    table.create(engine)
    content = conditioning.pack(recipe.made, recipe.encoder)
    rates = [_inserted(engine, table, content) for _ in range(4)]
    table.drop(engine)
    return rates


def _inserted(engine: Engine, table: Table, content: bytes) -> float:
    key = AESGCM(bytes(32))
    start = perf_counter()
    rows = [{"n": n, "sealed": key.encrypt(bytes(12), content, None)} for n in range(BATCH)]
    with engine.begin() as connection:
        connection.execute(table.insert(), rows)
    return BATCH / (perf_counter() - start)


def _sizes(rooms: Rooms) -> Sequence[int]:
    sizes = select(func.length(kept.c.sealed)).distinct()
    with rooms.consent.ledger.read() as connection:
        return connection.execute(sizes).scalars().all()


def _read(sitting: Sitting, recipe: Ready, encoder: str | None) -> list[float]:
    """Time opening everybody's selfie, with what is kept beside it or without. Units: ms each."""
    consent = sitting.rooms.consent
    took = []
    for requests in sitting.batches():
        start = perf_counter()
        batch = _opened(sitting.rooms, requests, encoder)
        if encoder is not None:
            conditioning.complete(batch, recipe, ledger=consent.ledger, vault=consent.vault)
        took.append((perf_counter() - start) * 1_000 / len(requests))
    return took


def _withdrawn(sitting: Sitting) -> list[float]:
    withdraw = sitting.rooms.consent.withdrawals.withdraw
    return [_timed(withdraw, one) for one in sitting.people]


def _timed(act: Callable[[Subject, Purpose], object], person: Subject) -> float:
    start = perf_counter()
    act(person, Purpose.LIKENESS)
    return (perf_counter() - start) * 1_000


def _opened(rooms: Rooms, requests: Sequence[Request], encoder: str | None) -> Batch:
    batch, consent = Batch(requests), rooms.consent
    reading.read(
        batch, ledger=consent.ledger, gate=consent.gate, vault=consent.vault, encoder=encoder
    )
    return batch


def _people(rooms: Rooms, count: int) -> tuple[Subject, ...]:
    content = selfies.pack(_likeness())
    people = []
    for number in range(count):
        person = rooms.person(f"P{number}", Purpose.LIKENESS, Purpose.IMAGINE)
        rooms.selfie(person, content=content)
        people.append(person)
    return tuple(people)


def _likeness() -> Likeness:
    """Take a synthetic person's selfie; nobody looks at its measurements here."""
    from openpeople import curated  # noqa: PLC0415

    with Image.open(
        io.BytesIO(Path(curated.list()[0].asset_path("amateur_selfie")).read_bytes())
    ) as file:
        file.thumbnail((1400, 1400))
        pixels = np.asarray(file.convert("RGB"))
    return Likeness(
        pixels=pixels,
        box=(0, 0, 100, 100),
        landmarks=np.zeros((5, 2), np.float32),
        vector=np.zeros(128, np.float32),
        smile=0.5,
    )


def _order(rooms: Rooms, person: Subject) -> Request:
    obj = rooms.object()
    permit = rooms.ask(Step.SELECT, person, Purpose.IMAGINE, obj, request=obj)
    with rooms.consent.ledger.write() as writing:
        (request,) = orders.place(writing, [permit], [Wish(scenario="plain", seed=1)], [None])
    if not isinstance(request, Request):
        raise TypeError("the order was denied")
    return request


def _result(what: str, ours: Sequence[float], unit: str, bare: Sequence[float]) -> Result:
    value, floor = statistics.median(ours), statistics.median(bare)
    return {
        "what": what,
        "value": round(value, 1),
        "unit": unit,
        "floor": round(floor, 1),
        "ratio": round(value / floor, 2),
        "n": len(ours),
        "spread": round(max(ours) - min(ours), 1),
    }

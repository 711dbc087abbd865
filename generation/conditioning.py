# SPDX-License-Identifier: Apache-2.0
"""Turn selfies into what a recipe's network is conditioned on: once a person, not once a portrait.

Rules:
1. what the active recipe's encoder made of a selfie before is used; only what is missing is made,
   and only of as many selfies as the recipe says it reads
2. what is made anew is sealed beside its selfie, and takes the place of what an older encoder left
3. foreign or wrong-shaped bytes are said, made anew and never used
4. what is used is always what can be kept: the same row gives the same picture, first or last time
5. a selfie that cannot be encoded does not sit; a person without one that can is `unavailable`

A crash before the sealing leaves nothing; the next run makes it again.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent import companions
from consent.companions import Companion
from consent.errors import Broken
from consent.gate import Denial, Permit, Read
from consent.ledger import Ledger
from consent.telling import told
from consent.vault import Vault
from consent.words import ObjectId, Reason
from generation import parcels
from generation.batching import Batch, Source
from generation.parcels import Parcel
from generation.recipes import CannotRender, Likeness
from generation.recipes.batched import Batched, Misshapen, OutOfMemory, Reads, Shaped
from generation.tables import conditioning

KIND: Final = "conditioning/1"

Tensor = NDArray[np.float32]

_EXACT: Final = 65_536  #: bytes up to which 32 bits a number are kept; beyond it 16 are
_LARGEST: Final = 4 << 20  #: bytes beyond which nothing is kept, only used
_TOGETHER: Final = 16  #: sealed in one transaction: some 10 MB at most of what recipes here make
_DIMENSIONS: Final = 3
_DTYPES: Final = ("<f4", "<f2", "|u1")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Bytes that are not this encoder's conditioning, and why."""

    why: str


def pack(tensor: Tensor, encoder: str) -> bytes:
    """Write conditioning as the bytes to seal.

    Shapes: up to 3 dimensions of finite numbers. Large ones are kept as bytes where they are whole
    numbers of a picture, else rounded to 16 bits a number where their range allows it.
    Errors: Misshapen for anything else, the recipe's fault.
    """
    if not 1 <= tensor.ndim <= _DIMENSIONS or not tensor.size or not np.isfinite(tensor).all():
        raise Misshapen(f"expected up to 3 dimensions of finite numbers, got {tensor.shape}")
    stored = _stored(tensor)
    facts = {"encoder": encoder, "dtype": stored.dtype.str, "shape": list(stored.shape)}
    return parcels.encode(Parcel(kind=KIND, facts=facts, picture=stored.tobytes()))


def _stored(tensor: Tensor) -> NDArray[np.generic]:
    whole = np.ascontiguousarray(tensor, dtype="<f4")
    if whole.nbytes <= _EXACT:
        return whole
    with np.errstate(over="ignore", invalid="ignore"):
        half, byte = whole.astype("<f2"), whole.astype("|u1")
    if np.array_equal(byte, whole):
        return byte
    return half if np.isfinite(half).all() else whole


def unpack(content: bytes, encoder: str, shape: tuple[int, ...] | None = None) -> Tensor | Unfit:
    """Read what `pack` wrote for the same encoder and, where it is given, shape; or say why not.

    Shapes: as the encoder made it, float32.
    """
    try:
        parcel = parcels.decode(content, KIND)
        made_by, dtype, said = (parcel.facts[name] for name in ("encoder", "dtype", "shape"))
        if made_by != encoder:
            return Unfit("another encoder made it")
        if dtype not in _DTYPES:
            return Unfit(f"expected numbers of 32, 16 or 8 bits, got {dtype}")
        tensor = np.frombuffer(parcel.picture, dtype=dtype).reshape(said).astype(np.float32)
    except (Broken, KeyError, TypeError, ValueError) as error:
        return Unfit(str(error))
    if shape is not None and tensor.shape != shape:
        return Unfit(f"expected {shape}, got {tensor.shape}")
    return tensor if np.isfinite(tensor).all() else Unfit("its numbers are not finite")


def complete(batch: Batch, recipe: Batched, *, ledger: Ledger, vault: Vault) -> None:
    """Fill the conditioning of every open request's likenesses, making only what is missing."""
    encoding = _Encoding(recipe=recipe, ledger=ledger, vault=vault)
    for one in batch.open:
        sat = zip(batch.likenesses[one.id], batch.sources.pop(one.id), strict=True)
        batch.likenesses[one.id] = tuple(encoding.through(sat))
        if not batch.likenesses[one.id]:
            batch.refused[one.id] = Reason.UNAVAILABLE
    encoding.keep()
    batch.sources.clear()


@dataclass(slots=True, kw_only=True)
class _Encoding:
    """One batch's encoding: each selfie once, however many requests of its person there are."""

    recipe: Batched
    ledger: Ledger
    vault: Vault
    known: dict[ObjectId, Tensor | None] = field(default_factory=dict)
    fresh: list[tuple[Permit[Read], bytes]] = field(default_factory=list)

    def through(self, sat: Iterable[tuple[Likeness, Source]]) -> Iterator[Likeness]:
        """Yield the likenesses that can sit, the first ones with their conditioning."""
        left = self.recipe.selfies if isinstance(self.recipe, Reads) else None
        for likeness, source in sat:
            encoded = self._of(likeness, source) if left != 0 else likeness
            if encoded is not None:
                left = left and left - 1
                yield encoded

    def _of(self, likeness: Likeness, source: Source) -> Likeness | None:
        """Return a likeness with its conditioning; None where there can be none."""
        selfie = source.permit.object
        if selfie not in self.known:
            try:
                self.known[selfie] = self._found(likeness, source)
            except OutOfMemory:
                return likeness  # the pass that draws it halves itself, and encodes it then
        tensor = self.known[selfie]
        return None if tensor is None else replace(likeness, conditioning=tensor)

    def _found(self, likeness: Likeness, source: Source) -> Tensor | None:
        if source.beside is not None:
            kept = unpack(source.beside, self.recipe.encoder, self._shape)
            if not isinstance(kept, Unfit):
                return kept
            _log.warning("kept conditioning is made anew", extra=told(why=kept.why))
        return self._made(likeness, source.permit)

    def _made(self, likeness: Likeness, permit: Permit[Read]) -> Tensor | None:
        try:
            packed = pack(self.recipe.condition(likeness), self.recipe.encoder)
        except OutOfMemory:
            raise
        except CannotRender:
            return None
        except Exception:  # noqa: BLE001  # one bad selfie must not stop the rest
            _log.exception("encoding a selfie broke", extra=told(recipe=self.recipe.id))
            return None
        made = unpack(packed, self.recipe.encoder, self._shape)
        if isinstance(made, Unfit):
            _log.error("the conditioning that was made does not fit", extra=told(why=made.why))
            return None
        self._remember(permit, packed)
        return made

    @property
    def _shape(self) -> tuple[int, ...] | None:
        return self.recipe.conditioned if isinstance(self.recipe, Shaped) else None

    def _remember(self, permit: Permit[Read], packed: bytes) -> None:
        if len(packed) > _LARGEST:
            return
        self.fresh.append((permit, packed))
        if len(self.fresh) == _TOGETHER:
            self.keep()

    def keep(self) -> None:
        """Seal what was made and write it; of whoever has withdrawn meanwhile nothing is kept."""
        companion = Companion(table=conditioning, encoder=self.recipe.encoder)
        answers = self.vault.seal_beside(self.fresh, companion)
        self.fresh.clear()
        if sealed := [one for one in answers if not isinstance(one, Denial)]:
            with self.ledger.write() as writing:
                companions.keep(writing, sealed)

# SPDX-License-Identifier: Apache-2.0
"""Which recipes are in stock: described by a file, and ready to start here or not.

Rules:
1. Ours come first, then the operator's own files in the home; an own file replaces none of ours.
2. To say whether a recipe is ready nothing is loaded and nothing is hashed; starting does both.
3. What is not ready says why in one sentence. Nothing here names an adapter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

from consent.errors import Broken
from consent.words import Reason
from engine.settings import Settings
from generation.recipes import Row, locks, places, specs, weights
from generation.recipes.clauses import BadSpec
from generation.recipes.places import Places
from generation.recipes.specs import Spec
from generation.recipes.starting import CannotStart, check_libraries, check_licence
from generation.recipes.weights import Known, Located

_RANDOM: Final = "random_weights"
"""The option of a recipe whose weights this package writes itself, the same bytes everywhere."""


def described(chosen: Settings) -> Mapping[str, Spec]:
    """List every recipe that a file describes."""
    own, _ = specs.in_folder(locks_of(chosen))
    return MappingProxyType({**own, **specs.shipped()})


def faults(chosen: Settings) -> tuple[str, ...]:
    """Say what is wrong with the operator's own files, in one sentence each."""
    _, found = specs.in_folder(locks_of(chosen))
    return found


def find(chosen: Settings) -> Spec | None:
    """Read the recipe that the settings name; None where no file describes it.

    Only that one is read: a fault in another file must keep nobody from leaving.
    Errors: Broken(unavailable) for a file with a fault.
    """
    with _in_one_sentence():
        ours = specs.shipped().get(chosen.recipe)
        return ours or specs.one_of(locks_of(chosen), chosen.recipe)


def is_random(spec: Spec) -> bool:
    """Say whether a recipe's weights are random numbers that this package writes itself."""
    return bool(spec.options.get(_RANDOM))


def pinned(spec: Spec, chosen: Settings) -> Spec:
    """Fill in the hashes that the operator wrote down. Errors: Broken(unavailable)."""
    with _in_one_sentence():
        return locks.pinned(spec, locks_of(chosen))


def hindrance(spec: Spec, chosen: Settings) -> str | None:
    """Say why a recipe cannot start here; None where nothing is known to speak against it."""
    try:
        check_licence(spec, chosen.acknowledged)
        check_libraries(spec)
        if not is_random(spec):
            places.find(spec, where(chosen))
            weights.check_pins(locks.pinned(spec, locks_of(chosen)))
    except CannotStart as error:
        return str(error)
    return None


def check(chosen: Settings) -> None:
    """Refuse settings whose recipe cannot start here. Errors: Broken(unavailable)."""
    spec = find(chosen)
    if spec is not None and (why := hindrance(spec, chosen)):
        raise Broken(Reason.UNAVAILABLE, why)


def parts(
    spec: Spec, chosen: Settings, make: Callable[[Path], None] | None = None
) -> Mapping[str, Path]:
    """Promise a recipe's parts: found, looked at and hashed when the first is asked for.

    `make` writes what a recipe has made here, where it is not there yet.
    Errors, at that moment: Broken(unavailable), in one sentence.
    """
    return Located(spec, partial(_look, spec, chosen, make))


def _look(spec: Spec, chosen: Settings, make: Callable[[Path], None] | None) -> Mapping[str, Path]:
    with _in_one_sentence():
        _prepare(spec, chosen, make)
        return weights.locate(locks.pinned(spec, locks_of(chosen)), where(chosen))


def _prepare(spec: Spec, chosen: Settings, make: Callable[[Path], None] | None) -> None:
    """Refuse what may not start, and make what is made here and not there yet."""
    check_licence(spec, chosen.acknowledged)
    check_libraries(spec)
    if make is not None and not _is_there(spec, chosen):
        make(chosen.weights_folder / spec.id)


def _is_there(spec: Spec, chosen: Settings) -> bool:
    try:
        places.find(spec, where(chosen))
    except CannotStart:
        return False
    return True


class Absent:
    """Stand in for a recipe that cannot even be made here: it draws nothing, and says why.

    So an installation whose libraries are gone still opens, and its people can still withdraw.
    """

    scenarios: frozenset[str] = frozenset()

    def __init__(self, spec: Spec, why: CannotStart) -> None:
        self.id, self.size, self.version = spec.id, spec.size, spec.sha256
        self._why = str(why)

    def render(self, rows: Sequence[Row]) -> NoReturn:
        """Draw nothing. Errors: Broken(unavailable), always."""
        del rows
        raise Broken(Reason.UNAVAILABLE, self._why)


def look(
    spec: Spec, chosen: Settings, make: Callable[[Path], None] | None, *, fetch: bool
) -> Known:
    """Look at a recipe's files and hash them as they lie here, whatever they should be.

    Errors: Broken(unavailable) for what may not start, is missing, or may hold code.
    """
    with _in_one_sentence():
        _prepare(spec, chosen, make)
        find = places.fetch if fetch else places.find
        return weights.read(spec, find(spec, where(chosen)))


def pin(spec: Spec, chosen: Settings, known: Known) -> Path:
    """Write down which bytes a recipe's files have; return where.

    Errors: Broken(unavailable) for files that are not what the recipe itself names.
    """
    with _in_one_sentence():
        weights.compare(locks.filled(spec, known), known)
        return locks.write(spec, known, locks_of(chosen))


def compare(spec: Spec, chosen: Settings, known: Known) -> None:
    """Refuse files that are not those which recipe and lock name. Errors: Broken(unavailable)."""
    with _in_one_sentence():
        weights.compare(locks.pinned(spec, locks_of(chosen)), known)


def where(chosen: Settings) -> Places:
    """Say where weights may lie."""
    return Places(folder=chosen.weights_folder)


def locks_of(chosen: Settings) -> Path:
    """Say where the operator's own recipes and all locks lie."""
    return chosen.home / "recipes"


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """Turn what a recipe or its weights cannot be into the engine's own error."""
    try:
        yield
    except (CannotStart, BadSpec) as error:
        raise Broken(Reason.UNAVAILABLE, str(error)) from error

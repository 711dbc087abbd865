# SPDX-License-Identifier: Apache-2.0
"""Where weights lie: the installation's folder, else the hub's cache; or what to put where.

Rules:
1. Looking never goes to the network; fetching is an act of its own, file by named file.
2. A part is found where all of its files are; half a part is none.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from generation.recipes.specs import Part, Spec
from generation.recipes.starting import CannotStart, MissingExtra


class MissingWeights(CannotStart):
    """A file is neither in the folder nor in the hub's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where weights may lie: the installation's folder, and the hub's cache (None: its own)."""

    folder: Path
    hub: Path | None = None

    def of(self, spec: Spec, part: Part) -> Iterator[Path]:
        """Name the folders in which a part is looked for, in this order."""
        if part.repo:
            yield self.folder / part.repo
            yield self.folder / part.repo.rpartition("/")[2]
        yield self.folder / spec.id / part.name
        yield self.folder / part.name


def find(spec: Spec, places: Places) -> Mapping[str, Path]:
    """Find each part's folder; nothing in it is read yet. Errors: MissingWeights."""
    return MappingProxyType({part.name: _folder(spec, part, places) for part in spec.parts})


def _folder(spec: Spec, part: Part, places: Places) -> Path:
    local = [place for place in places.of(spec, part) if place.is_dir()]
    tried = [*local, *_cached(part, places.hub)]
    for place in tried:
        if all((place / file).is_file() for file in part.files):
            return place
    raise MissingWeights(_what_to_do(spec, part, places, tried))


def _what_to_do(spec: Spec, part: Part, places: Places, tried: Sequence[Path]) -> str:
    """Say which file goes where, in one sentence."""
    place = tried[0] if tried else next(places.of(spec, part))
    file = next(name for name in part.files if not (place / name).is_file())
    more = len(part.files) - 1
    others = f" and {more} more" if more else ""
    revision = f" at revision {part.revision[:12]}" if part.revision else ""
    origin = f" from {part.repo}{revision}" if part.repo else ""
    fetch = f", or run `onlyou recipe check {spec.id} --fetch`" if part.repo else ""
    return f"{spec.id} lacks its {part.name}: put {file}{others}{origin} into {place}{fetch}"


def _cached(part: Part, hub: Path | None) -> Iterator[Path]:
    """Name the snapshot of a repository in the hub's cache, where there is one."""
    if not part.repo or find_spec("huggingface_hub") is None:
        return
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - not in the base install

    for file in part.files:
        found = try_to_load_from_cache(
            part.repo, file, cache_dir=hub, revision=part.revision or None
        )
        if isinstance(found, str):
            yield Path(found.removesuffix(file))
            return


def fetch(spec: Spec, places: Places, *, endpoint: str | None = None) -> Mapping[str, Path]:
    """Fetch what is missing from the hub, file by named file, then find it all.

    Errors: MissingWeights where the hub does not answer, or HF_HUB_OFFLINE forbids to ask.
    """
    for part in spec.parts:
        try:
            _folder(spec, part, places)
        except MissingWeights:
            if not part.repo:
                raise
            _download(spec, part, places.hub, endpoint)
    return find(spec, places)


def _download(spec: Spec, part: Part, hub: Path | None, endpoint: str | None) -> None:
    if find_spec("huggingface_hub") is None:
        raise MissingExtra(
            f"fetching {spec.id} needs huggingface_hub: `pip install 'onlyou[diffusion]'`"
        )
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - not in the base install

    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    for file in part.files:
        try:
            hf_hub_download(
                part.repo,
                file,
                revision=part.revision or None,
                cache_dir=hub,
                endpoint=endpoint,
                local_files_only=offline,
            )
        except (OSError, ValueError) as error:
            why = "HF_HUB_OFFLINE is set" if offline else type(error).__name__
            raise MissingWeights(
                f"{spec.id} lacks its {part.name}: {file} could not be fetched from "
                f"{part.repo} ({why})"
            ) from error

"""Where an image lies: the datasets of a team that hold its content hash, and its positions in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from classifier.spec.errors import InputError
from classifier.spec.packfile import ERASED
from webapp.accounts.models import Team
from webapp.datasets import packs
from webapp.datasets.models import Dataset, DatasetVersion


class Place(NamedTuple):
    """A dataset that holds it. A position is the same image in every version, whether that version has it in a split or not."""

    dataset: Dataset
    image: int  # its row in the pack
    versions: list[DatasetVersion]  # sealed ones, oldest first
    positions: list[int]

    @property
    def folders(self) -> list[Path]:
        return [version.folder for version in self.versions]

    @property
    def is_erased(self) -> bool:
        """Whether its pixels are gone already."""
        return bool(packs.index(self.dataset.folder / "data")["storage"][self.image] & ERASED)


def digest_at(version: DatasetVersion, position: int) -> str:
    """The content hash of a sample, in hex; InputError where there is none."""
    try:
        table, index = packs.table(version.folder), packs.index(version.folder)
    except packs.Missing:
        raise InputError("The images of this dataset are not on this server.", code="gone") from None
    if not 0 <= position < len(table):
        raise InputError(f"Version {version.number} has no image {position}. Reload the page.", code="gone")
    digest: bytes = index["sha256"][table["image"][position]].tobytes()
    return digest.hex()


def places(team: Team, digest: str) -> list[Place]:
    """Every dataset of the team that holds it, also in the trash and in the archive."""
    rows = Dataset.everything.filter(team=team, purging_at__isnull=True).select_related("job").order_by("id")
    return [found for dataset in rows if (found := place_in(dataset, digest))]


def places_of(team: Team, digests: Iterable[str]) -> list[Place]:
    """The same of several hashes, of one after the other."""
    return [place for digest in digests for place in places(team, digest)]


def place_in(dataset: Dataset, digest: str) -> Place | None:
    """Looked up in the pack, which all versions share: some milliseconds for a million images."""
    versions = list(DatasetVersion.objects.filter(dataset=dataset, ready=True).order_by("number"))
    for version in versions:
        version.dataset = dataset
    versions = [version for version in versions if (version.folder / "samples.bin").exists()]
    try:
        index = packs.index(dataset.folder / "data")
    except packs.Missing:
        return None
    rows = np.flatnonzero(index["sha256"] == np.void(bytes.fromhex(digest)))
    if not len(rows) or not versions:
        return None
    positions = {place for version in versions for place in np.flatnonzero(packs.table(version.folder)["image"] == rows[0]).tolist()}
    return Place(dataset, int(rows[0]), versions, sorted(positions))

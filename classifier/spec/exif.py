"""What of a camera's notes (EXIF) an import keeps, where somebody says so: each as one column of the metadata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

COLUMNS: Final = {"date": "exif_date", "camera": "exif_camera", "place": "exif_place"}  # place: GPS, which tells where somebody lives
NONE: Final = "none"  # of images that are added to a dataset that keeps some
EXPECTED: Final = f"expected {', '.join(COLUMNS)}, or several of them by comma"


def chosen(text: str) -> tuple[str, ...]:
    """ "camera, date" → ("date", "camera"); raises ValueError for what is none of them."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in COLUMNS:
            raise ValueError(f'{EXPECTED}; "{name[:40]}" came')
    return tuple(name for name in COLUMNS if name in names)


def of_addition(text: str, kept: Sequence[str]) -> tuple[str, ...]:
    """What is kept of images that are added: what is named, nothing for "none", and what the dataset keeps for an empty text."""
    word = text.strip().lower()
    return tuple(kept) if not word else () if word == NONE else chosen(text)

"""Where a RUN folder keeps its checkpoints, in the standard library's terms, so that the web finds them without torch.

manifest.json   {"checkpoints": [entry, …]}, oldest first; `classifier.run.Entry` has its fields
checkpoints/    the files that the entries name
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "manifest.json"
CHECKPOINTS: Final = "checkpoints"


def name_of(epoch: int, step: int, *, whole: bool) -> str:
    """The file of a checkpoint: after so many epochs, or inside one after so many steps."""
    return f"epoch-{epoch:04}.pt" if whole else f"step-{step:07}.pt"


def place_of(folder: Path, entry: Mapping[str, Any]) -> Path:
    """Where a RUN folder has the file of an entry, whatever folders its name may tell of."""
    return folder / CHECKPOINTS / Path(str(entry["file"])).name


def read(folder: Path) -> list[dict[str, Any]]:
    """The entries, oldest first. Raises OSError where there is no manifest, ValueError where it is broken."""
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    entries = told.get("checkpoints") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"no checkpoints in {folder / MANIFEST}")
    return entries

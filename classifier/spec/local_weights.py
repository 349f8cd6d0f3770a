"""Which published weights are on this machine, told without torch: in SYNSET_WEIGHTS, in torch's cache, or come with Synset."""

from __future__ import annotations

import os
from pathlib import Path

from classifier.spec import bundled
from classifier.spec.catalogue import MODELS


def downloads() -> Path:
    """Where torch keeps what it downloads; as `torch.hub.get_dir` has it, which a test holds this to."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or str(Path(cache) / "torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def folders() -> list[Path]:
    """Where weights are looked for, what somebody chose first."""
    chosen = os.environ.get("SYNSET_WEIGHTS")
    return [*([Path(chosen).expanduser()] if chosen else []), downloads()]


def local_file(name: str) -> Path | None:
    """The published weights of a network of the catalogue; None where they would have to be downloaded."""
    wanted = MODELS[name].weights_file
    if wanted is None:
        return None
    found = next((folder / wanted for folder in folders() if is_there(folder / wanted)), None)
    return bundled.bundled_file() if found is None and name == bundled.MODEL else found


def is_there(file: Path) -> bool:
    """Whether it is a file that may be looked at."""
    try:
        return file.is_file()
    except OSError:
        return False


def at_hand() -> list[str]:
    """The networks whose published weights are on this machine, as the catalogue has them."""
    return [name for name in MODELS if local_file(name)]

"""What pages look up once and keep beside the data: gone at any time, made again from what it is of."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from classifier.metrics.whole import put

logger = logging.getLogger(__name__)


def keep(path: Path, save: Callable[[IO[bytes]], object]) -> None:
    """A file, whole or not at all; a disk without room is no reason to show nothing."""
    try:
        path.parent.mkdir(exist_ok=True)
        put(path, save)
    except OSError as error:
        logger.warning("%s is not kept: %s", path.name, error)


def keep_json(path: Path, value: Any) -> None:
    """The same of a JSON value."""
    keep(path, lambda file: file.write(json.dumps(value, ensure_ascii=False).encode()))

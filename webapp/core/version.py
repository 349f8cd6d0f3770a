"""Which Synset this is."""

from __future__ import annotations

import tomllib
from functools import cache

from webapp.core.home import CHECKOUT


@cache
def version() -> str:
    """As pyproject.toml has it."""
    return str(tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"])

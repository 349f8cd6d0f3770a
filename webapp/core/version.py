"""Which Synset this is."""

from __future__ import annotations

from classifier.spec import code


def version() -> str:
    """As pyproject.toml has it."""
    return code.version() or "unknown"

"""What cannot be of the folds of a cross-validation."""

from __future__ import annotations


def of_folds(folds: int, fold: int | None) -> dict[str, str]:
    """What is wrong with the fold that validates: {field: sentence}."""
    if fold is None:
        return {}
    if not folds:
        return {"fold": "needs folds: say how many there are, or leave it empty"}
    if fold > folds:
        return {"fold": f"must be at most {folds}, the number of folds; {fold} came"}
    return {}

"""Whether the images that an evaluation measured on were learnt from: of the version that was measured, and how far that is known."""

from __future__ import annotations

from typing import Final, NamedTuple

from webapp.datasets.quality import packed
from webapp.datasets.quality.queries import leaking
from webapp.evaluations.models import Evaluation

LOOKS: Final = "looks"  # compared by bytes, groups and looks
BYTES: Final = "bytes"  # by bytes and groups alone
NOTHING: Final = "nothing"  # another dataset's images are not compared with those that were learnt from


class Stamp(NamedTuple):
    """What a report says of it."""

    leaks: int  # images
    leaks_known: str  # LOOKS, BYTES or NOTHING


def of(evaluation: Evaluation) -> Stamp:
    """By what is known now: a version does not change, and a later check knows more of it."""
    experiment, version = evaluation.experiment, evaluation.version
    if version.pk == experiment.version_id:
        known = leaking(version, experiment.config.get("folds") or 0)
        return Stamp(max(known.images, experiment.leaks or 0), LOOKS if known.checked else BYTES)
    if version.dataset_id != experiment.dataset_id:
        return Stamp(0, NOTHING)
    found = packed.between(experiment.version, version).get(f"train-{evaluation.split}")
    return Stamp(found.same + found.grouped, BYTES) if found else Stamp(0, NOTHING)

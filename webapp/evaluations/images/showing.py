"""What a page tells of some images of an evaluation: what was said of each, and what the open draft makes of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from django.http import Http404

from classifier.metrics import Scored
from classifier.metrics.scored import FORGOTTEN, NO_CLASS
from classifier.spec.packfile import ERASED_PATH
from webapp.core.addresses import numbered
from webapp.datasets import packs
from webapp.datasets.drafts import overlay
from webapp.datasets.drafts.changing import NOTHING, chunks, said_of
from webapp.datasets.models import DatasetVersion, Sample
from webapp.datasets.queries import SPLIT_NAMES
from webapp.datasets.views import looking
from webapp.datasets.views.tiles import tile as tile_of_sample
from webapp.evaluations.images.listing import kept_of
from webapp.evaluations.models import Evaluation
from webapp.evaluations.showing import names_of


class Told:
    """One evaluation with its columns, read once for an answer."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation, self.version = evaluation, evaluation.version

    @cached_property
    def rows(self) -> Scored:
        """Raises Unscored where there are none."""
        return kept_of(self.evaluation).rows()

    @cached_property
    def labels(self) -> list[str]:
        """Of the classes, in the order by which the columns name them."""
        return self.evaluation.classes

    @cached_property
    def names(self) -> list[str]:
        """What they are called."""
        known = names_of(self.evaluation)
        return [known.get(label, label) for label in self.labels]

    def name(self, number: int) -> str:
        """A network may say a class that the data does not have."""
        return self.names[number] if 0 <= number < len(self.names) else f"class {number}"

    def label(self, number: int) -> str:
        """As `name`, as the dataset has it."""
        return self.labels[number] if 0 <= number < len(self.labels) else f"class {number}"

    def positions(self, rows: Iterable[int]) -> list[int]:
        """Of those rows that there are and whose image was not erased."""
        wanted = [row for row in rows if row < len(self.rows)]
        found = self.rows["position"][wanted]
        return [int(position) for position in found if position != FORGOTTEN]

    def rows_of(self, positions: Sequence[int]) -> list[int]:
        """The other way round, of those that were measured."""
        found: list[int] = np.flatnonzero(np.isin(self.rows["position"], positions)).tolist() if positions else []
        return found


def samples_at(version: DatasetVersion, positions: Iterable[int]) -> dict[int, Sample]:
    """{position: its row in that version}."""
    found: dict[int, Sample] = {}
    for some in chunks(positions):
        found |= {sample.position: sample for sample in Sample.objects.filter(version=version, position__in=some)}
    return found


def tiles(told: Told, look: looking.Look | None, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Each image's picture, what was said of it, and what became of it since. Http404 where the pictures are gone."""
    drawn = [said(told, row) for row in rows]
    positions = [tile["at"] for tile in drawn if tile["at"] != FORGOTTEN]
    samples = samples_at(told.version, positions)
    try:
        picture(told.version, drawn, samples)
    except packs.Missing as error:
        raise Http404("The images of this dataset are not on this server.") from error
    if look is not None:
        lay(told, look, drawn, samples)
    return drawn


def said(told: Told, row: int) -> dict[str, Any]:
    """The figures of a row; `position` is what the page's scripts name it by, `at` its sample's position."""
    cells = told.rows[row]
    true, predicted, loss = int(cells["label"]), int(cells["predicted"]), float(cells["loss"])
    return {
        "row": row,
        "position": row,
        "at": int(cells["position"]),
        "true": told.name(true),
        "true_label": told.label(true),
        "said": told.name(predicted),
        "said_label": told.label(predicted),
        "right": true == predicted,
        "probability": shown(float(cells["probability"])),
        "margin": shown(float(cells["margin"])),
        "loss": shown(loss),
        "of_true": math.exp(-loss) if math.isfinite(loss) else 0.0,
        "best": best(told, cells, true),
        "about": numbered("evaluations:image-about", told.evaluation.pk, row),
        "page": numbered("evaluations:image", told.evaluation.pk, row),
    }


def shown(figure: float) -> float | None:
    """None where it is no number."""
    return figure if math.isfinite(figure) else None


def best(told: Told, cells: np.void, true: int) -> list[dict[str, Any]]:
    """The five best classes, fewer where the network has fewer."""
    pairs = zip(cells["best"].tolist(), cells["best_probability"].tolist(), strict=True)
    known = [(number, shown(share)) for number, share in pairs if number != NO_CLASS]
    return [{"name": told.name(number), "label": told.label(number), "share": share, "true": number == true} for number, share in known]


def picture(version: DatasetVersion, drawn: Sequence[dict[str, Any]], samples: dict[int, Sample]) -> None:
    """Adds where each picture is; what was erased has none."""
    sizes = packs.sizes(version, [sample.image for sample in samples.values()])
    gone = packs.erased(version, sizes)
    for tile in drawn:
        sample = samples.get(tile["at"])
        if sample is None or sample.image in gone:
            tile |= {"erased": True, "path": ERASED_PATH, "width": 112, "height": 112}
            continue
        tile |= {"split": SPLIT_NAMES[sample.split], "path": sample.path, "image_row": sample.image}
        places = tile_of_sample(version, sample, *sizes[sample.image])
        tile |= {name: places[name] for name in ("thumb", "image", "width", "height", "pixels", "history")}


def lay(told: Told, look: looking.Look, drawn: Sequence[dict[str, Any]], then: dict[int, Sample]) -> None:
    """What the newest version and the draft over it say of those images, where that is not what they were measured by."""
    now = then if look.version.pk == told.version.pk else samples_at(look.version, list(then))
    says = said_of(look.draft, list(now)) if look.draft else {}
    for tile in drawn:
        if tile.get("erased"):
            continue
        sample = now.get(tile["at"])
        if sample is None:
            tile |= {"state": "removed", "was": f"not in v{look.version.number}"}
            continue
        standing: dict[str, Any] = {"name": look.version.classes[sample.label]["name"], "split": SPLIT_NAMES[sample.split]}
        if look.draft:
            overlay.lay(look.draft, sample, says.get(sample.position, NOTHING), standing)
        tile |= standing_words(tile, standing)


def standing_words(tile: dict[str, Any], standing: dict[str, Any]) -> dict[str, Any]:
    """What a tile says beside its picture: that it is taken out, what it is called now, where it was moved."""
    if standing.get("state") == "removed":
        return {"state": "removed", "was": "taken out"}
    changed = [f"now {standing['name']}"] if standing["name"] != tile["true"] else []
    changed += [f"now {standing['split']}"] if standing["split"] != tile["split"] else []
    return {"state": "changed", "was": ", ".join(changed)} if changed else {}

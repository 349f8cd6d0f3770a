"""What a map shows: its points in the plane, the images behind them, and the training images nearest to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from classifier.metrics import embedding
from classifier.metrics.embedding import Embedding, Near
from classifier.metrics.scored import FORGOTTEN
from webapp.core.addresses import numbered
from webapp.core.ids import is_id
from webapp.datasets.addresses import links
from webapp.datasets.models import DatasetVersion, Sample
from webapp.datasets.queries import SPLIT_NAMES
from webapp.evaluations.models import EmbeddingMap, Evaluation
from webapp.evaluations.showing import names_of
from webapp.evaluations.space.actions import done
from webapp.experiments import checkpoints
from webapp.experiments.models import Experiment

OWN = "own"  # what the evaluation itself left: its split alone
PCA, TSNE = METHODS = ("pca", "tsne")
WIDE = 10_000  # places along the longer side of a map
MOST_TILES = 60
NEAREST = 8
SAME = 0.999  # from which likeness on two images are as good as the same to the network


class Source(NamedTuple):
    """Where points come from: a map that a job made, or the evaluation itself."""

    name: str  # of the map, or OWN
    found: Embedding
    map: EmbeddingMap | None

    @property
    def methods(self) -> tuple[str, ...]:
        return METHODS if self.found.layout is not None else (PCA,)


def newest(evaluation: Evaluation) -> EmbeddingMap | None:
    """The newest that was asked for, however it stands."""
    return EmbeddingMap.objects.filter(evaluation=evaluation).select_related("job").order_by("-id").first()


def source_of(evaluation: Evaluation, name: str = "") -> Source | None:
    """The source of that name, else the best there is; None where there is none, as of an evaluation of an earlier release."""
    if name != OWN and (not name or is_id(name)):
        rows = done().filter(evaluation=evaluation, **({"pk": name} if name else {})).order_by("-id")
        made = rows.select_related("experiment").first()
        if made is not None and (found := embedding.read(made.stem)):
            return Source(made.pk, found, made)
    if name not in ("", OWN) or not evaluation.predictions:
        return None
    found = embedding.read(evaluation.stem)
    return None if found is None else Source(OWN, found, None)


def index_of(experiment: Experiment) -> EmbeddingMap | None:
    """The newest map of the very network that an experiment classifies with: a training that went on has another one."""
    best = checkpoints.entry(experiment, checkpoints.BEST)
    if best is None:
        return None
    rows = done().filter(experiment=experiment, checkpoint=best.get("sha256"))
    return rows.select_related("experiment__version").order_by("-id").first()


def drawn(evaluation: Evaluation, source: Source, method: str) -> dict[str, Any]:
    """The points as columns: places from 0 to WIDE, classes as places in `classes`, parts as places in `parts`."""
    numbers, layout = numbers_of(source, method), source.found.layout
    flat = np.stack([layout["x"], layout["y"]], 1) if method == TSNE and layout is not None else plane(source.found, numbers)
    points = source.found.points
    some = points[numbers]
    parts, part = parts_of(some)
    x, y = placed(flat)
    return {
        "source": source.name,
        "method": method,
        "classes": class_names(evaluation),
        "parts": parts,
        "images": int((points["position"] != FORGOTTEN).sum()) if source.map else source.found.basis.images,
        "x": x.tolist(),
        "y": y.tolist(),
        "part": part.tolist(),
        "point": numbers.tolist(),
        "position": some["position"].tolist(),
        "label": some["label"].tolist(),
        "predicted": some["predicted"].tolist(),
        "sure": np.rint(100 * np.clip(some["probability"], 0, 1)).astype(int).tolist(),
    }


def numbers_of(source: Source, method: str) -> np.ndarray:
    """Which points one way to draw them shows."""
    layout = source.found.layout
    return embedding.shown(source.found.points) if method != TSNE or layout is None else np.asarray(layout["point"], np.int64)


def plane(found: Embedding, chosen: np.ndarray) -> np.ndarray:
    """[n, 2]: the first two directions of some points."""
    flat = np.zeros((len(chosen), 2), np.float32)
    both = min(2, found.values.shape[1])
    flat[:, :both] = found.values[chosen, :both]
    return flat


def placed(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) as whole numbers from 0 to WIDE, y downwards, both by the same measure, without what single points far away would take.

    Points beyond four times the middle 98 % stand at that edge.
    """
    if not len(flat):
        return np.empty(0, int), np.empty(0, int)
    low, high = np.percentile(flat, (1, 99), axis=0)
    room = (high - low) * 1.5 + 1e-9
    held = np.clip(flat, low - room, high + room)
    least = held.min(0)
    span = float((held.max(0) - least).max()) or 1.0
    whole = np.rint((held - least) / span * WIDE).astype(int)
    return whole[:, 0], whole[:, 1].max() - whole[:, 1]


def parts_of(points: np.ndarray) -> tuple[list[dict[str, Any]], np.ndarray]:
    """(the parts that points are of, with their numbers, which part each is of): splits, and the split of other data."""
    keys = points["split"].astype(int) + 3 * points["other"].astype(int)
    known, part = np.unique(keys, return_inverse=True)
    counts = np.bincount(part, minlength=len(known))
    return [
        {"split": SPLIT_NAMES[key % 3], "other": bool(key // 3), "shown": int(count)}
        for key, count in zip(known.tolist(), counts.tolist(), strict=True)
    ], part


def class_names(evaluation: Evaluation) -> list[str]:
    """Readable names in the order of the network's classes."""
    names = names_of(evaluation)
    return [names.get(label, label) for label in evaluation.classes]


def asked(found: Embedding, text: str) -> list[int]:
    """Numbers of points, with commas between; what is none is left out, and so is what a page does not take at once."""
    parts = [part for part in text.split(",", MOST_TILES)[:MOST_TILES] if part.isascii() and part.isdecimal() and len(part) < 10]
    return [number for number in dict.fromkeys(map(int, parts)) if number < len(found.points)]


def tiles(evaluation: Evaluation, source: Source, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """What a page shows of some points, in their order; erased ones are left out."""
    found, names = source.found.points[list(numbers)], class_names(evaluation)
    images = images_of(evaluation, found)
    made = []
    for number, point in zip(numbers, found, strict=True):
        position, other = int(point["position"]), int(point["other"])
        if position == FORGOTTEN or (other, position) not in images:
            continue
        version, image, path = images[other, position]
        made.append(
            {
                "point": number,
                "row": int(point["row"]),
                "position": position,
                "dataset": version.dataset_id,
                "path": path,
                "split": SPLIT_NAMES[int(point["split"])],
                "true": named(names, int(point["label"])),
                "said": named(names, int(point["predicted"])),
                "right": bool(point["label"] == point["predicted"]),
                "probability": float(point["probability"]),
                **links(version, image),
                "page": page_of(evaluation, int(point["row"])),
                "small": version.small,
            }
        )
    return made


def page_of(evaluation: Evaluation, row: int) -> str:
    """The image's page among the predictions; empty for what the evaluation did not measure."""
    return numbered("evaluations:image", evaluation.pk, row) if row != embedding.NO_ROW else ""


def named(names: Sequence[str], place: int) -> str:
    return names[place] if 0 <= place < len(names) else "–"


def images_of(evaluation: Evaluation, points: np.ndarray) -> Mapping[tuple[int, int], tuple[DatasetVersion, int, str]]:
    """{(other, position): (version, image, path)} of a page's few points."""
    found = {}
    versions = (evaluation.experiment.version, evaluation.version)
    for other in (0, 1):
        mine = points["position"][points["other"] == other].tolist()
        rows = Sample.objects.filter(version=versions[other], position__in=mine) if mine else Sample.objects.none()
        for position, image, path in rows.values_list("position", "image", "path"):
            found[other, position] = (versions[other], image, path)
    return found


class Neighbour(NamedTuple):
    """A training image near another one."""

    tile: dict[str, Any]
    likeness: float

    @property
    def is_same(self) -> bool:
        """As good as the same picture, to the network."""
        return self.likeness >= SAME


def nearest(evaluation: Evaluation, source: Source, number: int, most: int = NEAREST) -> list[Neighbour]:
    """The training images nearest to a point, the nearest first, without that image itself."""
    return with_tiles(evaluation, source, embedding.nearest(source.found, source.found.values[number], most, but=number))


def with_tiles(evaluation: Evaluation, source: Source, near: Iterable[Near]) -> list[Neighbour]:
    """With what a page shows of them."""
    likeness = {one.point: one.likeness for one in near}
    return [Neighbour(tile, likeness[tile["point"]]) for tile in tiles(evaluation, source, list(likeness))]


def point_of_row(found: Embedding, row: int) -> int | None:
    """The point of a row of the predictions."""
    if not 0 <= row < len(found.points):
        return None
    places = np.flatnonzero(found.points["row"] == row)
    return int(places[0]) if len(places) else None

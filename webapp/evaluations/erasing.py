"""What evaluations keep of an image that is erased: its row among the predictions, and its place among the worst mistakes.

Their figures stay: they were measured with it. Pictures on reports are drawn from the dataset, so none is left there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from classifier.metrics import embedding, read_predictions, scored
from classifier.metrics.predictions import write_rows
from classifier.spec.packfile import ERASED_PATH
from webapp.datasets import packs
from webapp.datasets.cards import files as cards
from webapp.datasets.erasing import asking, texts
from webapp.datasets.hooks import Saw
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.datasets.queries import SPLIT_NAMES
from webapp.evaluations import groups
from webapp.evaluations.models import Evaluation
from webapp.evaluations.slices import bands
from webapp.evaluations.slices import figures as slices
from webapp.experiments.models import Experiment
from webapp.jobs.models import FINAL

ROWS = 5_000
OF_DATA = 12  # digits of a version's hash in the names of predictions on other data


def saw(dataset: Dataset, positions: Sequence[int]) -> list[Saw]:
    """What was measured on it."""
    places = Sample.objects.filter(version__dataset=dataset, position__in=positions).values_list("version", "split")
    found = {(version, SPLIT_NAMES[split]) for version, split in places}
    rows = Evaluation.everything.filter(version__dataset=dataset, result__isnull=False).select_related("experiment").order_by("-id")
    return [
        Saw("evaluations:detail", row.pk, f"{row.experiment.name}, {row.split}", "was measured on it")
        for row in rows.defer("result", "confusion", "mistakes")
        if (row.version_id, row.split) in found
    ]


def forget(dataset: Dataset, positions: Sequence[int], paths: Sequence[str]) -> None:
    """Its name, its picture and its groups go from every evaluation on that dataset."""
    gone, names, done = set(positions), set(paths), set[Path]()
    bands.forget(dataset)
    for evaluation in Evaluation.everything.filter(version__dataset=dataset).select_related("experiment", "version"):
        evaluation.version.dataset = dataset
        for file in both(evaluation, evaluation.predictions_file) if evaluation.predictions_file else ():
            forget_predictions(file, names)
            done.add(file)
        count_anew(evaluation)
        if any(row.get("position") in gone for row in evaluation.mistakes):
            evaluation.mistakes = [nameless(row) if row.get("position") in gone else row for row in evaluation.mistakes]
            evaluation.save(update_fields=["mistakes"])
        texts.forget_in(texts.logs_in([evaluation.experiment.folder]), paths)
    for file in strays(dataset):
        if file not in done:
            forget_predictions(file, names)


def strays(dataset: Dataset) -> Iterator[Path]:
    """Predictions on that dataset in the folders of its runs, also such as no evaluation knows: its job failed after they were written."""
    own = {known[:OF_DATA] for known in DatasetVersion.objects.filter(dataset=dataset).values_list("fingerprint", flat=True)}
    ended = Experiment.everything.filter(version__dataset=dataset, purging_at__isnull=True, job__state__in=FINAL)
    for experiment in ended:  # what runs is gone over at its end, by `forget_meanwhile`
        for file in experiment.folder.glob("predictions-*.csv"):
            other = re.search(rf"-([0-9a-f]{{{OF_DATA}}})[-.]", file.name)  # by which the engine calls those on other data
            if other is None or other[1] in own:
                yield file


def count_anew(evaluation: Evaluation) -> None:
    """Its groups without the image: one may be of this image alone, and tell its cell. What other programs had counted goes."""
    folder = groups.kept_in(evaluation).parent
    kept = [path for kind in ("groups", "slices") for path in folder.glob(f"{kind}-{evaluation.pk}-*")]
    for path in kept:
        path.unlink(missing_ok=True)
    if kept:
        cards.forget(evaluation.version)  # by it numbers are cut into fifths
        slices.keep_ahead(evaluation)


def both(evaluation: Evaluation, file: Path) -> list[Path]:
    """Its predictions, and the same rows under the name that the engine gave them (see `worker.handlers.evaluates`)."""
    own = file.with_name(re.sub(rf"-{evaluation.pk}-\d+\.csv$", ".csv", file.name))
    return [path for path in dict.fromkeys((file, own)) if path.exists()]


def forget_meanwhile(evaluation: Evaluation, predictions_csv: Path) -> None:
    """Before it is kept: an image that was erased while it was measured goes by no name, since its files have none for it any more."""
    version = evaluation.version
    if not asking.meanwhile(version.dataset, evaluation.job.started_at):
        return
    try:
        known = {row.path for rows in packs.chunks(version.folder, ROWS) for row in rows}
    except OSError:  # its files are not on this server
        return
    unknown = {row.path for row in read_predictions(predictions_csv)} - known
    for file in both(evaluation, predictions_csv) if unknown else ():
        forget_predictions(file, unknown)


def nameless(row: dict[str, object]) -> dict[str, object]:
    """A mistake without file and picture."""
    return {**row, "path": ERASED_PATH, "position": None, "image": None}


def forget_predictions(file: Path, paths: set[str]) -> None:
    """The same figures under no name and no position; a file that does not have them stays as it is."""
    gone = np.array([row.path in paths for row in read_predictions(file)], bool)
    if gone.any():
        scored.forget(scored.path_of(file), gone)  # first: by the names it is found again after a crash
        embedding.forget(file.with_suffix(""), lambda points: gone[points["row"]] & (points["row"] != embedding.NO_ROW))
        write_rows(file, (row._replace(path=ERASED_PATH) if row.path in paths else row for row in read_predictions(file)))

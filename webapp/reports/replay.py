"""How to get a report's figures again on any machine with the engine alone."""

from __future__ import annotations

import json
import shlex
from typing import Any

from webapp.datasets.models import Dataset, DatasetVersion
from webapp.evaluations.models import Evaluation
from webapp.experiments.weights import shown


def portable(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration as it ran, with a weights file named without this server's folders."""
    weights = config.get("weights")
    return config | {"weights": weights if weights in (None, "default") else shown(weights)}


def config_json(evaluation: Evaluation) -> str:
    """config.json for `--config`."""
    config = evaluation.experiment.resolved or evaluation.experiment.config
    return json.dumps(portable(config), indent=2, ensure_ascii=False) + "\n"


def import_command(dataset: Dataset, out: str) -> str:
    """What to type to import the dataset's archive the same way."""
    options, name = dataset.options, shlex.quote(dataset.archive_name)
    group = f" --group {shlex.quote(options['group'])}" if options.get("group") else ""
    split = options.get("split") or "70/15/15"
    return f"python -m classifier import {name} --out {out} --split {split} --seed {options.get('seed', 0)}{group}"


def data_commands(version: DatasetVersion, out: str) -> list[str]:
    """What to type to make that version: the import, then the changes of each version on the way, by the files that its dataset offers."""
    later: list[DatasetVersion] = []
    step = version
    while step.parent is not None:
        later.insert(0, step)
        step = step.parent
    names = [f"{out}-{each.number}" for each in (step, *later[:-1])] if later else []
    places = [*names, out]
    revised = (
        f"python -m classifier revise {before} --changes version-{each.number}.jsonl --out {after}"
        for each, before, after in zip(later, places[:-1], places[1:], strict=True)
    )
    return [import_command(version.dataset, places[0]), *revised]


def commands(evaluation: Evaluation) -> list[str]:
    """What to type: import the same archive the same way, train, and evaluate unless the training does that by itself."""
    lines = [
        *data_commands(evaluation.experiment.version, "data"),
        "python -m classifier train data --out run --config config.json",
    ]
    how = (f" --tta {evaluation.views}" if evaluation.views else "") + (" --raw" if evaluation.raw else "")
    evaluate = f"python -m classifier evaluate run --split {evaluation.split} --checkpoint {evaluation.checkpoint}{how}"
    if evaluation.of_other_data:
        lines += [*data_commands(evaluation.version, "other-data"), f"{evaluate} --data other-data"]
    elif how or (evaluation.split, evaluation.checkpoint) != ("test", "best"):
        lines.append(evaluate)
    return lines

"""How to get a report's figures again on any machine with the engine alone."""

from __future__ import annotations

import json
import shlex
from typing import Any

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


def commands(evaluation: Evaluation) -> list[str]:
    """What to type: import the same archive the same way, train, and evaluate where the report is of another checkpoint."""
    dataset, options = evaluation.experiment.dataset, evaluation.experiment.dataset.options
    split, name = options.get("split") or "70/15/15", shlex.quote(dataset.archive_name)
    group = f" --group {shlex.quote(options['group'])}" if options.get("group") else ""
    lines = [
        f"python -m classifier import {name} --out data --split {split} --seed {options.get('seed', 0)}{group}",
        "python -m classifier train data --out run --config config.json",
    ]
    if (evaluation.split, evaluation.checkpoint) != ("test", "best"):
        lines.append(f"python -m classifier evaluate run --split {evaluation.split} --checkpoint {evaluation.checkpoint}")
    return lines

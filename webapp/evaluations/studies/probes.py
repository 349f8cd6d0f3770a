"""What a page tells of probes: how much a network still names rightly with parts of the images hidden, and what that says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from classifier.metrics import wilson
from classifier.spec.probes import AROUND, PROBES
from webapp.core.words import percent, plural
from webapp.evaluations.models import Evaluation
from webapp.evaluations.studies import actions
from webapp.evaluations.study_models import Study, What
from webapp.jobs.models import FINAL, Job
from webapp.jobs.queries import position

KEEPS = 0.5  # of the way from naming the commonest class to what it reaches, at which a probe tells much
NEARLY_ALL = 0.9  # at which a blurred centre is a warning
MOST_CLASSES = 5  # that are named with a probe


class Row(NamedTuple):
    """One probe; `kept` is the share of what the network knows beyond always naming the commonest class."""

    name: str
    title: str
    what: str
    right: int
    n: int
    low: float
    high: float
    lost: float  # points of 1
    same: float
    kept: float
    warns: bool
    words: str

    @property
    def accuracy(self) -> float:
        return self.right / self.n


def context(evaluation: Evaluation) -> dict[str, Any]:
    """{"probe_job": a look that is under way or failed, "probes": what the newest one found}."""
    newest = actions.newest(evaluation.experiment, What.PROBES, evaluation)
    done = actions.newest_done(evaluation.experiment, What.PROBES, evaluation)
    job = newest.job if newest and newest.result is None else None
    return {"probe_job": job, "probe_position": waits(job), "probes": told(done) if done else None}


def waits(job: Job | None) -> int | None:
    return position(job) if job is not None and job.state not in FINAL else None


def told(study: Study) -> dict[str, Any] | None:
    """The rows, and how many images they are of; None of a look that found no image."""
    result = study.result or {}
    n = result.get("n", 0)
    if not n:
        return None
    plain = result["right"] / n
    names = {entry["label"]: entry["name"] or entry["label"] for entry in study.version.classes}
    rows = [row(one, result, plain, names) for one in result["probes"]]
    return {
        "rows": rows,
        "warnings": [one for one in rows if one.warns],
        "n": n,
        "of": result["of"],
        "plain": plain,
        "interval": wilson(result["right"], n),
        "commonest": result["commonest"],
        "study": study,
    }


def row(one: dict[str, Any], result: dict[str, Any], plain: float, names: Mapping[str, str]) -> Row:
    probe = next(probe for probe in PROBES if probe.name == one["probe"])
    n, right, chance = result["n"], one["right"], result["commonest"]
    low, high = wilson(right, n)
    known = plain - chance
    kept = (right / n - chance) / known if known > 0 else 0.0
    much = kept >= KEEPS and low > chance
    warns = much and probe.name in AROUND and (probe.name == "border" or kept >= NEARLY_ALL)
    said = probe.reads if much else ""
    if probe.name == "border" and much and (classes := told_by_border(one, result, names)):
        said += f"; most of all {', '.join(classes)}"
    return Row(probe.name, probe.title, probe.what, right, n, low, high, plain - right / n, one["same"] / n, kept, warns, said)


def told_by_border(one: dict[str, Any], result: dict[str, Any], names: Mapping[str, str]) -> list[str]:
    """The classes whose images are named best without the things, of those with five images and more."""
    rows = zip(result["classes"], result["images"], one["per_class"], strict=True)
    found = sorted(((right / n, label) for label, n, right in rows if n >= 5), reverse=True)
    return [f"{names.get(label, label)} ({percent(share, 0)})" for share, label in found[:MOST_CLASSES] if share >= 0.5]


def for_programs(study: Study) -> dict[str, Any]:
    """As the engine told it, with intervals."""
    result = study.result or {}
    n, right = result.get("n", 0), result.get("right", 0)
    probes = [
        {
            "probe": one["probe"],
            "accuracy": one["right"] / n,
            "interval": wilson(one["right"], n),
            "lost": (right - one["right"]) / n,
            "same": one["same"] / n,
        }
        for one in result.get("probes", ())
        if n
    ]
    return {"n": n, "accuracy": right / n if n else None, "commonest": result.get("commonest"), "probes": probes}


def sentence(found: dict[str, Any]) -> str:
    """What was probed."""
    part = f"of {plural(found['of'], 'image')}, drawn evenly over the classes" if found["n"] < found["of"] else "all of the split"
    return f"{plural(found['n'], 'image')} {part}"

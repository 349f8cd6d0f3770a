"""How a training ends: the test split is opened once, and everything that came of it is written down."""

from __future__ import annotations

from typing import Any

from classifier import evaluate
from classifier.models.freezing import frozen_count, told
from classifier.run import Run
from classifier.space.features import Gathered, keep_beside
from classifier.spec.events import Event, finite
from classifier.training import finetuning
from classifier.training import folder as folders
from classifier.training.files import write_json
from classifier.training.setup import Training

PLANNED = ("precision", "channels_last", "compiled", "products")  # of how the arithmetic was done, told with the result


def finish(training: Training) -> dict[str, Any]:
    """Opens the test split, once, with the best checkpoint by validation, and writes result.json."""
    t = training
    finetuned = finetuning.at_the_end(t)
    if finetuned:
        t.watch.on_event(finetuning.verdict(finetuned))
    indices = t.dataset.indices("test")
    message = "Testing the best checkpoint on the test split" if len(indices) else "The dataset has no test images, so nothing is tested"
    t.watch.on_event({"event": "stage", "stage": "testing", "message": message})
    run = Run.open(t.folder)
    network = evaluate.loaded(run, "best", evaluate.views_of(run, None), raw=False, device=t.device, should_stop=t.watch.should_stop)
    fit = evaluate.of_training(network, t.dataset, lambda event: tell_calibration(t, event))
    asked, gathered = indices, Gathered(len(indices))
    indices, logits, _ = evaluate.measured(
        network.model, t.dataset, indices, on_event=lambda event: tell_test(t, event), features=gathered, **network.how
    )
    test = evaluate.written(t.folder / "predictions-test.csv", t.dataset, indices, logits, t.dataset.classes, fit, t.watch.on_event)
    keep_beside(t.folder / "predictions-test.csv", gathered, asked, indices, "test")
    t.store.owner.check()
    write_json(t.folder / "result.json", result(t, network.epoch, test) | {"speed": evaluate.timing(network)})
    return {"event": "finished", "run": str(t.folder), "test": finite(test)}


def tell_calibration(training: Training, event: Event) -> None:
    """That it goes on, while validation images are looked at once more; what cannot be decoded of them was told before."""
    if event["event"] == "progress":
        work, count = training.progress.work, {"count": event["done"], "total": event["total"], "unit": "images"}
        training.progress.tell("calibrating", work.done(work.steps, work.epochs), rate=event["rate"], **count)


def tell_test(training: Training, event: Event) -> None:
    """The test's own progress as a part of the whole training's."""
    if event["event"] != "progress":
        training.watch.on_event(event)
        return
    work = training.progress.work
    done = work.done(work.steps, work.epochs, event["done"])
    training.progress.tell("testing", done, count=event["done"], total=event["total"], unit="images", rate=event["rate"])


def result(training: Training, best_epoch: int, test: dict[str, Any]) -> dict[str, Any]:
    """The content of result.json."""
    t = training
    left_out = ("event", "epochs", "confusion", "watched")
    inside = [{name: value for name, value in row.items() if name not in left_out} for row in t.looks.rows]
    return {
        "config": t.config.to_mapping(),
        "dataset": {"id": t.dataset.id, "classes": t.dataset.classes, "names": t.dataset.names, "counts": t.dataset.counts},
        "best_epoch": best_epoch,
        "history": [{name: value for name, value in row.items() if name not in left_out} for row in t.history.rows],
        **({"validations": inside} if inside else {}),  # inside epochs
        "test": test,
        "environment": folders.environment(t.device) | {name: getattr(t.plan, name) for name in PLANNED},
        "frozen": told(t.model, frozen_count(t.model, t.config.freeze)),  # at the beginning; `unfreeze` says when what thaws
        "finetuned": finetuning.at_the_end(t),
        "seed": t.config.seed,
        "unreadable": [file for spoilt in t.spoilt for file in spoilt.files],  # left out of training and validation
    }

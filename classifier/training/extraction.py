"""The one pass of head-only training over its images, told as a part of the whole work."""

from __future__ import annotations

import functools
import time

from classifier.data.load import Images
from classifier.spec.work import FORWARD_SHARE
from classifier.training.features import compute
from classifier.training.setup import Training


def compute_features(training: Training) -> None:
    """Puts the features of both splits where their images stood."""
    t = training
    mirror = t.augment.flip
    beside = " and of the training images' mirror images" if mirror else ""
    seen = f"{len(t.labels) + len(t.validation_labels):,} images{beside}"
    message = f"Only the head learns: computing features of {seen} at {t.side} px, once"
    t.watch.on_event({"event": "stage", "stage": "features", "message": message})
    t.progress.start(0.0)
    started, before = time.monotonic(), 0
    splits = []
    for images, views in ((t.images, 1 + mirror), (t.validation, 1)):
        assert isinstance(images, Images)
        told = functools.partial(tell_features, t, before, views)
        splits.append(compute(t.model, images, t.normalisation, t.folder, told, t.watch.should_stop, mirror=views > 1))
        before += views * len(images.rows)
    t.images, t.validation = splits
    if t.step == 0:  # the first epoch's time is told with what it rests on
        t.sums = {"loss": 0.0, "right": 0.0, "images": 0.0, "seconds": time.monotonic() - started}


def tell_features(training: Training, before: int, views: int, done: int) -> None:
    """A progress event of the pass that computes features, if one is due; its work is a part of the whole."""
    t, count = training, before + views * done
    if t.progress.due():
        total = t.progress.work.looks * len(t.labels) + len(t.validation_labels)
        t.progress.tell("features", FORWARD_SHARE * count, count=count, total=total, unit="images", rate=None)

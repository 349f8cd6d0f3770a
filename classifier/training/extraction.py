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
    message = f"Computing features of {len(t.labels) + len(t.validation_labels):,} images at {t.side} px, once"
    t.watch.on_event({"event": "stage", "stage": "features", "message": message})
    t.progress.start(0.0)
    started, before = time.monotonic(), 0
    splits = []
    for images in (t.images, t.validation):
        assert isinstance(images, Images)
        told = functools.partial(tell_features, t, before)
        splits.append(compute(t.model, images, t.normalisation, t.folder, told, t.watch.should_stop))
        before += len(images.rows)
    t.images, t.validation = splits
    if t.step == 0:  # the first epoch's time is told with what it rests on
        t.sums = {"loss": 0.0, "right": 0.0, "images": 0.0, "seconds": time.monotonic() - started}


def tell_features(training: Training, before: int, done: int) -> None:
    """A progress event of the pass that computes features, if one is due; its work is a part of the whole."""
    t = training
    if t.progress.due():
        total = len(t.labels) + len(t.validation_labels)
        work = FORWARD_SHARE * (before + done)
        t.progress.tell("features", work, count=before + done, total=total, unit="images", rate=None)

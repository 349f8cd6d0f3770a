"""A training that failed: what can be done about it, as buttons. What happened, and what was done, its job says in its error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from classifier.spec.config import TrainConfig
from classifier.spec.defaults import pick_learning_rate
from classifier.spec.sizes import least_side
from webapp.experiments.models import Experiment

SMALLEST_BATCH, SMALLEST_SIDE = 2, 32


class Way(NamedTuple):
    """Something that can be done: the button's words and where it leads; with `post` it is done at once."""

    words: str
    url: str
    post: bool = False


def ways(experiment: Experiment) -> list[Way]:
    """What may help after this failure, the likeliest first."""
    return [make(experiment) for make in WAYS.get(experiment.job.error_code, OTHERWISE)]


def clone(experiment: Experiment, words: str, **changes: Any) -> Way:
    """The launch form with this configuration and some changes."""
    return Way(words, f"{reverse('experiments:new')}?{urlencode({'from': experiment.id, **changes})}")


def go_on(experiment: Experiment) -> Way:
    """Queues it again; it starts from its last checkpoint."""
    words = "Go on from the last checkpoint" if experiment.best_epoch else "Try again"
    return Way(words, reverse("experiments:retry", args=[experiment.id]), post=True)


def smaller(experiment: Experiment) -> Way:
    """Half the memory: a smaller batch, or where that cannot be halved smaller images."""
    config = TrainConfig.kept(experiment.config)
    if config.batch // 2 >= SMALLEST_BATCH:
        batch, parts = config.batch // 2, 2 * config.accumulate
        return clone(experiment, f"Clone with batches of {batch}, {parts} a step", batch_size=batch, accumulate=parts)
    side = max(
        SMALLEST_SIDE, least_side(config.model), ((experiment.resolved or experiment.config).get("image_size") or 2 * SMALLEST_SIDE) // 2
    )
    return clone(experiment, f"Clone with images of {side} pixels", image_size=side)


def slower(experiment: Experiment) -> Way:
    """A tenth of the learning rate."""
    config = TrainConfig.kept(experiment.config)
    rate = (config.learning_rate or pick_learning_rate(config)) / 10
    return clone(experiment, f"Clone with a learning rate of {rate:g}", learning_rate=f"{rate:g}")


def forgiving(experiment: Experiment) -> Way:
    """The policy that goes back to the last good checkpoint."""
    return clone(experiment, "Clone, and go back when it diverges", on_nan="go_back")


def room(experiment: Experiment) -> Way:
    """Where the space is that comes back at once."""
    return Way("Look at the trash", reverse("ops:trash"))


def change(experiment: Experiment) -> Way:
    """Something in the configuration has to be another."""
    return clone(experiment, "Clone and change")


def data(experiment: Experiment) -> Way:
    """The dataset's own page, where its archive is imported again."""
    return Way("Look at the dataset", reverse("datasets:detail", args=[experiment.dataset_id]))


Maker = Callable[[Experiment], Way]
OTHERWISE: tuple[Maker, ...] = (go_on, change)
WAYS: dict[str, tuple[Maker, ...]] = {  # by the job's error code
    "out_of_memory": (smaller, go_on),
    "killed": (go_on, smaller),
    "nan_loss": (slower, forgiving),
    "disk_full": (go_on, room),
    "unreadable": (data, change),
    "bad_input": (change,),
    "bad_config": (change,),
    "gone": (data,),
}

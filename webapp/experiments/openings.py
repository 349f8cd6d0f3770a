"""How often a test split was opened: each result on it, counted in the transaction that saves it and never counted down.

What one experiment opened leaks into the choice of its checkpoint; what all opened of a version, into the choice among models. So
both are told. Deleting a result does not make it unseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import F

from webapp.core.words import plural
from webapp.datasets.models import DatasetVersion
from webapp.experiments.models import Experiment, OpenedTest


class Openings(NamedTuple):
    """How often the test split of one version was opened, by one experiment and by all."""

    by_experiment: int
    on_version: int

    @property
    def words(self) -> str:
        """ "test set opened 2 times by this experiment, 7 times by all"."""
        if self.by_experiment >= self.on_version:
            return f"test set opened {often(self.by_experiment)}"
        return f"test set opened {often(self.by_experiment)} by this experiment, {often(self.on_version)} by all"

    @property
    def note(self) -> str:
        """The same for a line of a list, where once goes without saying."""
        return self.words if self.on_version > 1 else ""


def often(times: int) -> str:
    """ "once", "2 times"."""
    return "once" if times == 1 else plural(times, "time")


def count(experiment: Experiment, version: DatasetVersion) -> None:
    """One more opening, of the versions too that were made from this one, whose test images are its own or most of them.

    Inside the transaction that saves its result. The version's own row comes first: a sealing that holds it is waited for, and then seen.
    """
    more = {"test_opened": F("test_opened") + 1}
    DatasetVersion.objects.filter(pk=version.pk).update(**more)
    if later := made_from(version):
        DatasetVersion.objects.filter(pk__in=later).update(**more)
    OpenedTest.objects.get_or_create(experiment=experiment, version=version)
    OpenedTest.objects.filter(experiment=experiment, version=version).update(times=F("times") + 1)


def made_from(version: DatasetVersion) -> set[int]:
    """Every version of the dataset that comes from this one, by steps."""
    parents = dict(DatasetVersion.objects.filter(dataset=version.dataset_id, ready=True).order_by("number").values_list("pk", "parent_id"))
    found: set[int] = set()
    for pk, parent in parents.items():  # a version is made after what it is made from
        if parent == version.pk or parent in found:
            found.add(pk)
    return found


def of(experiment: Experiment, version: DatasetVersion) -> Openings:
    """Both counts, from one row each."""
    own = OpenedTest.objects.filter(experiment=experiment, version=version).values_list("times", "version__test_opened").first()
    return Openings(*own) if own else Openings(0, version.test_opened)


def of_many(pairs: Iterable[tuple[Experiment, DatasetVersion]]) -> dict[tuple[str, int], Openings]:
    """{(experiment, version): both counts} for the lines of a list, whose versions were read with them: one query."""
    pairs = list(pairs)
    rows = OpenedTest.objects.filter(experiment__in={experiment.pk for experiment, _ in pairs})
    own = {(id, version): times for id, version, times in rows.values_list("experiment_id", "version_id", "times")}
    keys = {(experiment.pk, version.pk): version for experiment, version in pairs}
    return {key: Openings(own.get(key, 0), version.test_opened) for key, version in keys.items()}


def before(version: DatasetVersion) -> str:
    """What to know before one more opening; empty where there was none."""
    return f"test set opened {often(version.test_opened)} so far" if version.test_opened else ""

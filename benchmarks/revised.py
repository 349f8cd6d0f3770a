"""A dataset with two large versions and an open draft: what the pages of versions read. Rows are there for the images that they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.spec.packfile import IN_NO_SPLIT, SAMPLE
from webapp.datasets.models import Dataset, DatasetVersion, Draft, DraftSample, Sample
from webapp.jobs.models import Job

SHOWN = 61  # a page's images, and one more
EACH = 100  # of so many images one has another class, and one is taken out


def fill_revised(images: int, classes: list[dict[str, Any]], made: dict[str, Any]) -> str:
    """Its id. Every hundredth image is of the next class in version 2, and the one behind it is gone."""
    job = Job.objects.create(kind="import", queue="host", title="Revised", state="succeeded", **made)
    dataset = Dataset.objects.create(name="Revised", job=job, archive_name="set.zip", **made)
    first, second = (
        DatasetVersion.objects.create(dataset=dataset, number=number, fingerprint="f" * 64, images=images, classes=classes)
        for number in (1, 2)
    )
    for version in (first, second):
        write_samples(version.folder, images, len(classes), revised=version is second)
        shown = [*range(0, images, EACH)[:SHOWN], *range(1, images, EACH)[:SHOWN]]
        Sample.objects.bulk_create(row(version, n, len(classes)) for n in shown if version is first or n % EACH != 1)
    draft = Draft.objects.create(dataset=dataset, base=second, relabelled=SHOWN)
    DraftSample.objects.bulk_create(DraftSample(draft=draft, position=n, label=0) for n in range(0, images, EACH))
    return str(dataset.pk)


def row(version: DatasetVersion, number: int, classes: int) -> Sample:
    """A sample as samples.bin has it."""
    label = (number + (version.number == 2 and number % EACH == 0)) % classes
    return Sample(version=version, position=number, image=number, label=label, split=number % 3, path=f"{number}.jpg")


def write_samples(folder: Path, images: int, classes: int, *, revised: bool) -> None:
    """samples.bin; the pack is another dataset's, to which the caller links."""
    folder.mkdir(parents=True)
    with (folder / "samples.bin").open("wb") as file:
        for n in range(images):
            label = (n + (revised and n % EACH == 0)) % classes
            file.write(SAMPLE.pack(n, label, IN_NO_SPLIT if revised and n % EACH == 1 else n % 3))

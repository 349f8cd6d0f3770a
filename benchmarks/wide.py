"""A dataset of a million samples of a thousand classes with a second version, a draft, metadata and a check: made inside the database.

Whole pictures are not there; every file that a page reads is, its thumbnails too: some pictures that come again and again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from PIL import Image

from classifier.data.thumbnails import THUMBNAIL_QUALITY, saved
from classifier.spec.packfile import IN_NO_SPLIT, INDEX, STORAGE_JPEG, THUMB, THUMBNAIL_SIDE
from webapp.accounts.models import Membership, Team, User
from webapp.datasets.browsing import columns, order
from webapp.datasets.models import Dataset, DatasetVersion, Draft, Finding, Problem, QualityCheck, Sample
from webapp.datasets.packs import SAMPLE_DTYPE
from webapp.jobs.models import Job

EVERY = 100  # of so many images one has another class in version 2, and one is gone
CHUNK = 50_000
PICTURES = 97  # that differ, which no number of classes divides
FINDINGS = 10_000
SELDOM = 10  # of a million problems so many are of another rule
CAMERAS = ("Canon", "Nikon", "Leica", "Fuji", "")
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"


def fill(images: int, count: int) -> tuple[User, dict[str, str]]:
    """The team's owner, and the addresses of the pages by name; each may hold {random}, a number below the images."""
    team, user = Team.objects.create(name="Wide"), User.objects.create(username="wide")
    Membership.objects.create(team=team, user=user, role="owner")
    made = {"team": team, "created_by": user}
    job = Job.objects.create(kind="import", queue="host", title="Wide", state="succeeded", **made)
    dataset = Dataset.objects.create(name="Wide", job=job, archive_name="wide.zip", **made)
    each = images // count
    splits = {"train": each - 2 * (each // 10), "validation": each // 10, "test": each // 10}
    classes = [{"label": f"n{number:08}", "name": f"class {number}", **splits} for number in range(count)]
    first, second = (
        DatasetVersion.objects.create(dataset=dataset, number=number, fingerprint=str(number) * 64, images=images, classes=classes)
        for number in (1, 2)
    )
    write_files(first, second, images, count)
    for version in (first, second):
        fill_samples(version, images, count)
    draft = Draft.objects.create(dataset=dataset, base=second, relabelled=images // EVERY)
    fill_draft(draft, images)
    check(second, images, made)
    fill_problems(dataset, images)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return user, addresses(dataset.pk)


def addresses(dataset: str) -> dict[str, str]:
    """{page's name: address}."""
    page, gallery = f"/datasets/{dataset}/", f"/datasets/{dataset}/gallery/"
    return {
        "dataset": page,
        "gallery": gallery,
        "gallery-far": f"{gallery}?at={{random}}",
        "gallery-behind": f"{gallery}?after={{random}}",
        "gallery-class": f"{gallery}?label={{class}}",
        "gallery-class-split": f"{gallery}?label={{class}}&split=2",
        "gallery-size": f"{gallery}?min={{side}}",
        "gallery-finding": f"{gallery}?finding=dark&at={{few}}",
        "gallery-metadata": f"{gallery}?is=0%3ANikon&label={{class}}",
        "gallery-search": f"{gallery}?q={{random}}",
        "gallery-search-common": f"{gallery}?q=jpg&label={{class}}",
        "gallery-changed": f"{gallery}?changed=1&at={{few}}",
        "gallery-sealed": f"{gallery}?version=1&label={{class}}",
        "gallery-large": f"{gallery}?sort=large&label={{class}}",
        "gallery-large-all": f"{gallery}?sort=large&at={{random}}",
        "gallery-path-all": f"{gallery}?sort=path&at={{random}}",
        "gallery-wide-behind": f"{gallery}?sort=wide&after={{random}}",
        "gallery-after-edit": f"{gallery}?label={{class}}",
        "to-class": f"{gallery}?place={{class}}",
        "large-view": f"/datasets/{dataset}/history/{{random}}/",
        "classes": f"{page}classes/",
        "difference": f"{page}versions/2/difference/?from=1",
        "versions": f"{page}versions/",
        "problems": f"{page}problems/",
        "problems-seldom": f"{page}problems/?rule=unreadable",
        "problems-search": f"{page}problems/?q=file_{{random}}",
        "new-experiment": f"/experiments/new/?dataset={dataset}",
    }


def write_files(first: DatasetVersion, second: DatasetVersion, images: int, count: int) -> None:
    """samples.bin, paths and metadata of both, and the index of the one pack."""
    numbers = np.arange(images)
    table = np.zeros(images, SAMPLE_DTYPE)
    table["image"], table["label"] = numbers, numbers * count // images
    table["split"] = np.where(numbers % 10 == 8, 1, np.where(numbers % 10 == 9, 2, 0))
    for version in (first, second):
        version.folder.mkdir(parents=True)
        if version is second:
            table["label"][::EVERY] = (table["label"][::EVERY] + 1) % count
            table["split"][1::EVERY] = IN_NO_SPLIT
        table.tofile(version.folder / "samples.bin")
        write_lines(version.folder, images, count)
    pack = first.folder / "pack"
    pack.mkdir()
    with (pack / "index.bin").open("wb") as file:
        file.writelines(INDEX.pack(0, 0, 200 + n * 7 % 1000, 200 + n * 13 % 900, 3, STORAGE_JPEG, bytes(32)) for n in range(images))
    write_thumbnails(pack, images)
    (second.folder / "pack").symlink_to(pack)


def write_thumbnails(pack: Path, images: int) -> None:
    """As many bytes for each as a photograph's has."""
    drawn, at, places = [drawing(number) for number in range(PICTURES)], 0, []
    with (pack / "thumbs.bin").open("wb") as file:
        for picture in drawn:
            places.append(THUMB.pack(at, len(picture), THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            at += file.write(picture)
    with (pack / "thumbs_index.bin").open("wb") as file:
        file.writelines(places[n % PICTURES] for n in range(images))


def drawing(number: int) -> bytes:
    """A JPEG of soft colours."""
    colours = np.random.default_rng(number).integers(0, 256, (12, 12, 3), np.uint8)
    return saved(Image.fromarray(colours).resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC), quality=THUMBNAIL_QUALITY)


def write_lines(folder: Path, images: int, count: int) -> None:
    """What has a line a sample."""
    (folder / "dataset.json").write_text(json.dumps({"columns": ["camera", "note"]}))
    with (folder / "paths.txt").open("w") as paths, (folder / "metadata.jsonl").open("w") as metadata:
        for n in range(images):
            paths.write(f'"train/n{n * count // images:08}/image_{n:08}.jpg"\n')
            metadata.write(f'["{CAMERAS[n % len(CAMERAS)]}", "note {n}"]\n')
    columns.build(folder)
    order.build(folder)


def chunks(images: int) -> Iterator[tuple[int, int]]:
    """(first, last) of each."""
    yield from ((first, min(first + CHUNK, images) - 1) for first in range(0, images, CHUNK))


def fill_samples(version: DatasetVersion, images: int, count: int) -> None:
    """As samples.bin has them."""
    relabelled = version.number == 2
    label = f"n * {count} / {images}"
    if relabelled:
        label = f"CASE WHEN n % {EVERY} = 0 THEN ({label} + 1) % {count} ELSE {label} END"
    kept = f"WHERE n % {EVERY} <> 1" if relabelled else ""
    split = "CASE n % 10 WHEN 8 THEN 1 WHEN 9 THEN 2 ELSE 0 END"
    for first, last in chunks(images):
        run(
            f"INSERT INTO {Sample._meta.db_table} (version_id, position, image, label, split, path) "
            f"{NUMBERS.format(first=first, last=last)} SELECT {version.pk}, n, n, {label}, {split}, "
            f"'train/class/image_' || n || '.jpg' FROM numbers {kept}"
        )


def fill_draft(draft: Draft, images: int) -> None:
    """It labels one image in a hundred."""
    table = Draft.samples.rel.related_model._meta.db_table
    for first, last in chunks(images // EVERY):
        run(
            f"INSERT INTO {table} (draft_id, position, label, split, removed) "
            f"{NUMBERS.format(first=first, last=last)} SELECT '{draft.pk}', n * {EVERY} + 2, 0, NULL, FALSE FROM numbers"
        )


def check(version: DatasetVersion, images: int, made: dict[str, Any]) -> None:
    """A check with findings of one kind."""
    job = Job.objects.create(kind="quality", queue="host", title="Check", state="succeeded", **made)
    done = QualityCheck.objects.create(version=version, job=job, counts={"dark": FINDINGS}, **made)
    rows = (Finding(of=done, kind="dark", rank=rank, position=rank * images // FINDINGS, label=0, score=1.0) for rank in range(FINDINGS))
    Finding.objects.bulk_create(rows, 2000)


def fill_problems(dataset: Dataset, images: int) -> None:
    """As many as images: nearly all of one rule, as where a table lists one image in two."""
    for first, last in chunks(images):
        run(
            f"INSERT INTO {Problem._meta.db_table} (dataset_id, file, rule, message, taken) {NUMBERS.format(first=first, last=last)} "
            f"SELECT '{dataset.pk}', 'train/file_' || n || '.jpg', "
            f"CASE WHEN n % {images // SELDOM} = 7 THEN 'unreadable' ELSE 'not_listed' END, 'is not listed', FALSE FROM numbers"
        )
    rules = {"not_listed": images - SELDOM, "unreadable": SELDOM}
    Dataset.objects.filter(pk=dataset.pk).update(problem_rules=rules, problem_count=images)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)

"""What a card tells of how images came to their splits: by the version's own cut, whatever the upload asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from classifier.data.together import write_groups
from tests.webapp.datasets.conftest import write_archive
from tests.webapp.datasets.drafts.conftest import actor, seal  # noqa: F401 (fixtures)
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.cards.card import card_of
from webapp.datasets.models import Dataset, DatasetVersion

Seal = Callable[[], DatasetVersion]


def told(version: DatasetVersion) -> dict[str, str]:
    return {name: value for section in card_of(version).sections for name, value in section.facts}


def with_options(version: DatasetVersion, **options: Any) -> DatasetVersion:
    """The same version as if it had been imported with these."""
    path = version.folder / "dataset.json"
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"options": about["options"] | options}))
    return version


def test_an_import_is_told_as_the_source_gives_it(version: DatasetVersion) -> None:
    facts = told(version)
    assert facts["Splits"] == "as the source gives them; what it lacks was cut 70/15/15, seed 0"
    assert not facts.keys() & {"Kept together", "Images a class", "Faces"}


def test_a_version_that_was_cut_anew_tells_that_cut(actor: Actor, dataset: Dataset, version: DatasetVersion, seal: Seal) -> None:  # noqa: F811
    drafts.resplit(actor, dataset, {"split": "60/20/20", "seed": 4, "alike": True, "least": 2, "most": 7}, keep_test=False)
    second = seal()
    facts = told(second)
    assert facts["Splits"] == "cut anew 60/20/20, seed 4, in version 2" and facts["Kept together"] == "images that look alike"
    assert facts["Images a class"].startswith("at least 2 and at most 7;")
    assert told(version)["Splits"].startswith("as the source gives them")


def test_a_test_split_that_stayed_is_told(actor: Actor, dataset: Dataset, seal: Seal) -> None:  # noqa: F811
    drafts.resplit(actor, dataset, {"split": "60/20/20", "seed": 4, "group": r"\d"}, keep_test=True)
    facts = told(seal())
    assert facts["Splits"] == "train and validation cut anew 60/20, seed 4, in version 2; the test split stayed as in version 1"
    assert facts["Kept together"] == r"paths alike in \d"


def test_later_versions_tell_the_cut_that_they_come_from_and_what_was_added_since(
    actor: Actor,  # noqa: F811
    dataset: Dataset,
    tmp_path: Path,
    seal: Seal,  # noqa: F811
) -> None:
    drafts.resplit(actor, dataset, {"split": "60/20/20", "seed": 4}, keep_test=False)
    seal()
    drafts.add(actor, dataset, write_archive(tmp_path / "more.zip", 15, "png", 1), "more.zip", "bee")
    said = told(seal())["Splits"]
    assert said.startswith("cut anew 60/20/20, seed 4, in version 2; 3 that were added since are where their source")


def test_what_a_table_of_the_source_keeps_together_is_told(version: DatasetVersion) -> None:
    write_groups(version.folder, [0] * 24)
    assert told(version)["Kept together"] == "images of one group, as a column of the source's table says"


def test_a_column_that_a_cut_went_by_is_told(version: DatasetVersion) -> None:
    assert told(with_options(version, column="patient"))["Kept together"] == "images of one patient"


def test_what_became_of_cameras_notes_is_told(version: DatasetVersion) -> None:
    kept = card_of(version).sections[1].sentences[0]
    noted = card_of(with_options(version, exif=["date", "camera"])).sections[1].sentences[0]
    assert "without EXIF" in kept and "Of EXIF the date and camera became columns" in noted


def test_notes_that_were_kept_of_added_images_alone_are_told(version: DatasetVersion) -> None:
    noted = card_of(with_options(version, exif=["date"], exif_added=["place"])).sections[1].sentences[0]
    assert "Of EXIF the date and place became columns" in noted


def test_blurred_faces_are_told_and_that_not_all_are_found(version: DatasetVersion) -> None:
    Dataset.objects.update(problem_rules={"faces_blurred": 12})
    version.dataset.refresh_from_db()
    said = told(with_options(version, blur_faces=True))["Faces"]
    assert said == "blurred where some were found, in 12 of the files that came; not every face is found"

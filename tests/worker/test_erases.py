"""An image is erased by a real child, wherever its team has it; what was killed on the way is made whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.data.importer import import_dataset
from tests.classifier.images import class_folders, picture, write_zip
from webapp.accounts.models import AuditEntry
from webapp.datasets import drafts, hooks, packs, sealing
from webapp.datasets.erasing import asking
from webapp.datasets.models import Dataset, DatasetVersion, Erasure, Finding, Problem, QualityCheck, Sample
from webapp.experiments.models import Experiment
from webapp.experiments.preflight import PICTURES
from webapp.jobs import actions
from webapp.jobs.models import Job, JobEvent
from worker import attempt
from worker.claim import now
from worker.handlers.seals import Seal
from worker.handlers.trains import Train

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "cat/patient-77.png"
FILES = class_folders(5) | {SECRET: picture(seed=77), "dog/again.png": picture(seed=77)}


def dataset_of(actor, files: dict[str, bytes], folder: Path, name: str = "Pets") -> Dataset:
    """Imported as a worker does, with the problems told along the way."""
    job = actions.submit(team=actor.team, user=actor.user, kind="import", title=name)
    made = Dataset.objects.create(team=actor.team, created_by=actor.user, name=name, job=job, archive_name="pets.zip")
    shares = (70.0, 30.0, 0.0)  # nobody learns from a test image, nor chooses by it
    import_dataset(write_zip(folder / f"{name}.zip", files), made.folder / "data", shares=shares)
    (folder / f"{name}.zip").unlink()
    claim = actions.claim(job.id, "host@here:1")
    told = [{"file": SECRET, "rule": "duplicate", "message": f"is the same image as {SECRET}", "taken": True}]
    actions.record(claim, [actions.NewEvent("problem", told[0])])
    actions.finish(claim, also=lambda: sealing.sealed(made.id, made.folder / "data"))
    return Dataset.objects.get(pk=made.pk)


@pytest.fixture
def dataset(actor, tmp_path: Path) -> Dataset:
    return dataset_of(actor, FILES, tmp_path)


@pytest.fixture
def version(dataset: Dataset) -> DatasetVersion:
    found = dataset.versions.get()
    found.dataset = dataset
    return found


@pytest.fixture
def position(version: DatasetVersion) -> int:
    return Sample.objects.get(version=version, path=SECRET).position


def run(erasure: Erasure, fault: str = "") -> Job:
    """The job after an attempt."""
    claim = actions.claim(erasure.job_id, "host@here:1")
    assert claim
    attempt.run(claim, {"FAULT": fault} if fault else {}, claimed_at=now())
    return Job.objects.get(pk=erasure.job_id)


def in_rows() -> str:
    """Every text of every row that may name a file."""
    rows = [list(model.objects.values()) for model in (Sample, Problem, JobEvent, AuditEntry, Erasure, Job)]
    return json.dumps(rows, default=str)


def in_files(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file() and not path.is_symlink())


def test_nothing_of_it_is_left_in_files_and_rows(actor, version, position, tmp_path):
    pixels, _ = packs.picture(version, Sample.objects.get(version=version, position=position).image)
    assert "patient-77" in in_rows() and pixels in in_files(tmp_path / "home")
    assert run(asking.ask(actor, version, position)).state == "succeeded"
    assert "patient-77" not in in_rows() and "again.png" not in in_rows()
    assert pixels not in in_files(tmp_path / "home") and b"patient-77" not in in_files(tmp_path / "home")


def test_its_rows_stay_and_the_version_tells_how_many(actor, version, position):
    erasure = asking.ask(actor, version, position)
    run(erasure)
    version.refresh_from_db()
    assert version.erased == 2 and version.samples.count() == 12 == version.images
    erasure.refresh_from_db()
    assert erasure.places == [{"dataset": version.dataset_id, "name": "Pets", "images": {"1": 2}}] and erasure.saw == []


def test_the_log_tells_who_had_it_done_and_not_what_it_was_called(actor, version, position):
    asking.ask(actor, version, position)
    entry = AuditEntry.objects.get(verb="dataset.erase")
    assert (entry.user, entry.subject, entry.detail) == (actor.user, "Pets", {})


def test_no_picture_of_it_is_shown_any_more(actor, version, position):
    image = Sample.objects.get(version=version, position=position).image
    run(asking.ask(actor, version, position))
    for read in (packs.thumbnail, packs.picture):
        with pytest.raises(packs.Missing):
            read(version, image)


def test_other_datasets_of_the_team_lose_it_too_and_those_of_others_keep_it(actor, version, position, outsider, actor_of, tmp_path):
    mine = dataset_of(actor, class_folders(4) | {"dog/x.png": FILES[SECRET]}, tmp_path, "More")
    theirs = dataset_of(actor_of(outsider), FILES, tmp_path, "Theirs")
    Dataset.objects.filter(pk=mine.pk).update(trashed_at="2026-11-01T00:00Z")
    run(asking.ask(actor, version, position))
    assert DatasetVersion.objects.get(dataset=mine).erased == 1
    assert DatasetVersion.objects.get(dataset=theirs).erased == 0 and packs.tombstones(theirs.folder / "data") == 0


def test_an_open_draft_says_nothing_of_it_any_more(actor, dataset, version, position):
    drafts.change(actor, dataset, [position, 0], split=2)
    run(asking.ask(actor, version, position))
    draft = drafts.current(dataset)
    assert list(draft.samples.values_list("position", flat=True)) == [0] and draft.moved == 1


def test_findings_that_show_it_go_with_the_mean_images_of_its_classes(actor, version, position):
    job = actions.submit(team=actor.team, user=actor.user, kind="quality", title="Check")
    means = [{"class": 0, "png": "x"}, {"class": 1, "png": "y"}]
    check = QualityCheck.objects.create(team=actor.team, version=version, job=job, counts={"dark": 2, "duplicate": 1}, means=means)
    actions.finish(actions.claim(job.id, "host@here:1"))
    for kind, rank, place, other in (("dark", 0, position, None), ("dark", 1, 0, None), ("duplicate", 0, 0, position)):
        Finding.objects.create(of=check, kind=kind, rank=rank, position=place, label=0, other=other, score=1.0)
    run(asking.ask(actor, version, position))
    check.refresh_from_db()
    assert check.counts == {"dark": 1, "duplicate": 0} and check.means == []
    assert list(check.findings.values_list("kind", "position")) == [("dark", 0)]


@pytest.mark.parametrize("point", ["erase-marked", "erase-overwritten", "erase-names"])
def test_an_attempt_that_was_killed_is_made_whole_by_the_next(point, actor, version, position, tmp_path):
    erasure = asking.ask(actor, version, position)
    assert run(erasure, f"{point}:kill").state == "queued"
    assert run(erasure).state == "succeeded"
    assert "patient-77" not in in_rows() and b"patient-77" not in in_files(tmp_path / "home")


def test_an_attempt_that_ended_between_files_and_rows_is_made_whole_too(actor, version, position, monkeypatch):
    told: list[list[str]] = []

    def tell(dataset, positions, paths) -> None:
        told.append(paths)
        if len(told) == 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(hooks, "tell_erased", tell)
    erasure = asking.ask(actor, version, position)
    assert run(erasure).state == "queued" and run(erasure).state == "succeeded"
    assert told == [[SECRET, "dog/again.png"]] * 2  # the names are known until everybody has forgotten them
    assert "patient-77" not in in_rows()


def test_to_ask_twice_gives_the_same_job_and_after_the_end_a_sentence(actor, version, position):
    erasure = asking.ask(actor, version, position)
    assert asking.ask(actor, version, position) == erasure
    run(erasure)
    with pytest.raises(asking.InputError, match="erased already"):
        asking.ask(actor, version, position)


def test_one_that_failed_can_be_asked_for_again(actor, version, position):
    first = asking.ask(actor, version, position)
    actions.fail(actions.claim(first.job_id, "host@here:1"), "The disk broke.", "failure", retry=False)
    assert run(asking.ask(actor, version, position)).state == "succeeded"


def test_it_waits_for_what_reads_the_dataset(actor, dataset, version, position):
    drafts.change(actor, dataset, [0], split=2)
    sealing_job = drafts.seal(actor, dataset)
    actions.claim(sealing_job.id, "host@here:1")
    with pytest.raises(asking.InputError, match="“Pets v2” reads its dataset now"):
        asking.ask(actor, version, position)


def test_a_training_that_begins_while_it_waits_is_named_and_keeps_no_picture_of_it(actor, dataset, version, position):
    erasure = asking.ask(actor, version, position)
    job = actions.submit(team=actor.team, user=actor.user, kind="train", title="Net")
    made = {"team": actor.team, "created_by": actor.user, "name": "Net", "dataset": dataset, "version": version, "config": {}}
    experiment = Experiment.objects.create(job=job, **made)
    claim = actions.claim(job.id, "device@here:1")
    assert run(erasure).state == "succeeded"
    erasure.refresh_from_db()
    assert [(use["name"], use["id"]) for use in erasure.saw] == [("Net", experiment.pk)]
    (experiment.folder / PICTURES).mkdir(parents=True)
    (experiment.folder / PICTURES / "0.png").write_bytes(b"as it was")
    Train(Job.objects.get(pk=job.id), claim).before_end({})
    assert not list((experiment.folder / PICTURES).iterdir())


def test_a_sealing_that_is_asked_for_while_somebody_looks_is_waited_for_too(actor, dataset, version, position, monkeypatch):
    look = asking.look

    def meanwhile(*about):
        found = look(*about)
        drafts.change(actor, dataset, [0], split=2)
        drafts.seal(actor, dataset)
        return found

    monkeypatch.setattr(asking, "look", meanwhile)
    with pytest.raises(asking.InputError, match="“Pets v2” reads its dataset now"):
        asking.ask(actor, version, position)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("moment", ["before its end", "after its move"])
def test_what_a_sealing_left_that_never_came_to_its_end_tells_its_name_no_more(
    moment, actor, dataset, version, position, tmp_path, monkeypatch
):
    drafts.change(actor, dataset, [0], split=2)
    claim, end = actions.claim(drafts.seal(actor, dataset).id, "host@here:1"), Seal.end

    def dies(self, last):
        if moment == "after its move":
            end(self, last)
        raise RuntimeError("died")

    with monkeypatch.context() as patch:
        patch.setattr(Seal, "end", dies)
        patch.setattr(Seal, "clear", lambda self: None)
        attempt.run(claim, {}, claimed_at=now())
    drafts.discard(actor, dataset)
    assert DatasetVersion.objects.filter(ready=False).exists() and b"patient-77" in in_files(dataset.folder / "versions")
    run(asking.ask(actor, version, position))
    assert "patient-77" not in in_rows() and b"patient-77" not in in_files(tmp_path / "home")
    assert [path.name for path in (dataset.folder / "versions").iterdir()] == []


def test_the_next_version_leaves_it_out(actor, dataset, version, position):
    run(asking.ask(actor, version, position))
    drafts.change(actor, dataset, [0], split=2)
    job = drafts.seal(actor, dataset)
    attempt.run(actions.claim(job.id, "host@here:1"), {}, claimed_at=now())
    later = DatasetVersion.objects.get(dataset=dataset, number=2)
    assert (later.images, later.erased, later.samples.filter(position=position).count()) == (10, 0, 0)

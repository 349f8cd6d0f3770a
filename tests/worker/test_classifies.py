"""Many pictures classified by a real child and a real network: answers in place, nothing else left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifier.metrics import answers
from tests.classifier.images import write_zip
from tests.webapp.evaluations.conftest import evaluated, experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.worker.sealed import run
from webapp.jobs import actions
from webapp.jobs.models import Job
from webapp.ops import purging
from webapp.predictions import leftovers, removing
from webapp.predictions.many import asking, reading
from webapp.predictions.many.reading import Wanted
from webapp.predictions.models import Classification
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acting(editor, actor_of, monkeypatch):
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    return actor_of(editor)


@pytest.fixture
def archive(source: Path, tmp_path: Path) -> Path:  # noqa: F811
    files = {f"trip/{path.parent.name}-{path.name}": path.read_bytes() for path in sorted(source.rglob("*.png"))}
    return write_zip(tmp_path / "trip.zip", files | {"trip/broken.png": b"\x89PNG\r\n\x1a\nbroken", "trip/notes.txt": b"of a trip"})


@pytest.fixture
def sent(acting, evaluated, archive) -> Classification:  # noqa: F811
    """By the network of three colours, waiting."""
    return asking.begin(acting, archive, "trip.zip", evaluated.experiment_id)


def again(found: Classification) -> Classification:
    return Classification.objects.select_related("job").get(pk=found.pk)


def left(found: Classification) -> list[str]:
    return sorted(path.name for path in found.folder.iterdir())


def test_every_picture_is_answered_and_the_archive_is_not_kept(sent):
    job = run(sent.job_id, "device")
    found = again(sent)
    assert (job.state, job.error) == ("succeeded", "")
    assert (found.images, found.refused, found.unsure) == (30, 1, 0) and sum(one["n"] for one in found.classes) == 30
    assert left(found) == [found.files]
    rows = reading.page(found, Wanted(), size=100).rows
    assert len(rows) == 30 and rows[0].file.startswith("trip/blue-") and rows[0].top[0].label in ("blue", "green", "red")
    assert [one.file for one in reading.page(found, Wanted("refused")).refused] == ["trip/broken.png"]


def test_answers_are_those_of_one_picture_at_a_time(sent, evaluated, source):  # noqa: F811
    from classifier.predict import Predictor

    run(sent.job_id, "device")
    mine = {row.file: row.top for row in reading.page(again(sent), Wanted(), size=100).rows}
    files = [(f"trip/{path.parent.name}-{path.name}", path.read_bytes()) for path in sorted(source.rglob("*.png"))]
    for said in Predictor(evaluated.experiment.folder, device="cpu").predict(files):
        assert [guess.label for guess in mine[said["file"]]] == [one["label"] for one in said["top"]]
        assert mine[said["file"]][0].probability == pytest.approx(said["top"][0]["probability"], abs=1e-3)


def test_the_threshold_is_the_one_it_was_asked_with(acting, evaluated, archive):  # noqa: F811
    from classifier.spec import unsure

    unsure.keep(evaluated.experiment.folder, 0.999999)
    made = asking.begin(acting, archive, "trip.zip", evaluated.experiment_id)
    unsure.keep(evaluated.experiment.folder, None)
    run(made.job_id, "device")
    assert (again(made).unsure, again(made).unsure_below) == (30, 0.999999)


def test_one_that_is_killed_is_gone_on_with(sent):
    claim = actions.claim(sent.job_id, "device@here:1")
    attempt.run(claim, {"FAULT": "classify:kill"}, claimed_at=now())
    assert Job.objects.get(pk=sent.job_id).state == "queued" and not again(sent).is_done
    assert run(sent.job_id, "device").state == "succeeded"
    kept = [event.data["kept"] for event in Job.objects.get(pk=sent.job_id).events.filter(kind="progress") if "kept" in event.data]
    assert max(kept) > 0 and again(sent).images == 30 and left(again(sent)) == [again(sent).files]


def test_one_that_was_asked_to_stop_is_cancelled_and_may_be_tried_once_more(acting, sent, evaluated):  # noqa: F811
    claim = actions.claim(sent.job_id, "device@here:1")
    actions.request_cancel(sent.job)
    attempt.run(claim, {}, claimed_at=now())
    assert again(sent).job.state == "cancelled" and not list(sent.folder.glob("*data.*"))
    tried = asking.again(acting, again(sent), evaluated.experiment_id)
    assert tried.pk == sent.pk and tried.job_id != sent.job_id and not Job.objects.filter(pk=sent.job_id).exists()
    assert run(tried.job_id, "device").state == "succeeded" and again(sent).images == 30


def test_another_network_takes_the_same_pictures(acting, sent, evaluated):  # noqa: F811
    run(sent.job_id, "device")
    other = asking.again(acting, again(sent), evaluated.experiment_id)
    assert asking.again(acting, again(sent), evaluated.experiment_id).pk == other.pk  # a second click
    assert run(other.job_id, "device").state == "succeeded"
    assert again(other).images == 30 and again(sent).is_done and other.pk != sent.pk
    index = [again(found).answers / "pack" / "index.bin" for found in (sent, other)]
    assert index[0].samefile(index[1])


def test_a_network_that_went_meanwhile_is_named(sent, evaluated):  # noqa: F811
    Classification.objects.filter(pk=sent.pk).update(experiment=None)
    job = run(sent.job_id, "device")
    assert job.state == "failed" and "The experiment First, which was to classify, was deleted" in job.error


def test_one_that_was_deleted_is_said(sent):
    Classification.objects.all().delete()
    assert "was deleted before it began" in run(sent.job_id, "device").error


def test_an_archive_without_pictures_is_told_by_its_own_name(acting, evaluated, tmp_path):  # noqa: F811
    made = asking.begin(acting, write_zip(tmp_path / "texts.zip", {"a.txt": b"no picture"}), "texts.zip", evaluated.experiment_id)
    job = run(made.job_id, "device")
    assert job.state == "failed" and job.error.startswith("There is no picture in texts.zip that can be read")
    assert str(made.folder) not in job.error and left(made) == ["log.txt", "upload"]


def test_pictures_that_are_gone_are_said(sent):
    shutil.rmtree(sent.folder / "upload")
    assert "The pictures of trip.zip are gone" in run(sent.job_id, "device").error


def test_pictures_of_earlier_answers_that_are_gone_are_said_by_the_name_that_they_came_with(acting, sent, evaluated):  # noqa: F811
    run(sent.job_id, "device")
    first = again(sent)
    (first.answers / answers.NAMES).unlink()
    damaged = run(asking.again(acting, first, evaluated.experiment_id).job_id, "device").error
    assert damaged.startswith("The pictures of trip.zip cannot be read any more") and first.files not in damaged
    shutil.rmtree(first.answers)
    gone = run(asking.again(acting, first, evaluated.experiment_id).job_id, "device").error
    assert gone.startswith("The pictures of trip.zip are gone; send them again")


def test_the_keeper_removes_what_no_row_names(acting, sent, monkeypatch):
    run(sent.job_id, "device")
    found = again(sent)
    (found.folder / f"data.{found.job_id}.0").mkdir()
    monkeypatch.setattr(leftovers, "JUST_MADE", 0.0)
    leftovers.sweep()
    assert left(found) == [found.files]
    removing.delete(acting, found)
    leftovers.sweep()
    assert left(found) == [found.files]  # it may be restored
    Classification.everything.update(purging_at=found.created_at)
    while purging.carry_on():
        pass
    assert not found.folder.exists()

"""What an erased image was called stands in no kept text: logs of jobs and processes, uploads that were called after it, people's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.metrics.predictions import Prediction, write_rows
from tests.worker.test_erases import SECRET, dataset, position, run, version  # noqa: F401 (fixtures)
from webapp.api.models import IdempotentAnswer
from webapp.datasets import drafts
from webapp.datasets.erasing import asking, naming, texts
from webapp.datasets.models import Addition, Dataset, Edit, Problem, Sample, Upload
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs import actions
from webapp.jobs.models import Attempt, Job, JobEvent
from webapp.reports.models import Comment, Report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(settings) -> Path:
    return Path(settings.SYNSET_HOME)


@pytest.fixture
def experiment(actor, dataset, version) -> Experiment:  # noqa: F811
    job = actions.submit(team=actor.team, user=actor.user, kind="train", title="Net")
    made = {"team": actor.team, "created_by": actor.user, "name": "Net", "dataset": dataset, "version": version, "config": {}}
    found = Experiment.objects.create(job=job, **made)
    found.folder.mkdir(parents=True)
    actions.finish(actions.claim(job.id, "device@here:1"))
    return found


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_the_logs_of_its_jobs_and_of_the_server_name_it_no_more(actor, dataset, version, position, experiment, home):  # noqa: F811
    said = f"warning: {SECRET} is cut short, see {home}/datasets/1/upload/{SECRET}. {SECRET}.bak and my-{SECRET} stay.\n"
    places = [
        *(dataset.folder / name for name in ("log.txt", "seal.txt", "quality/a.log", "suggestions/a.log")),
        *(experiment.folder / name for name in ("log.txt", "evaluation-1.log")),
        home / "logs" / "engine-errors.log",
        home / "logs" / "host.log",
    ]
    logs = [written(path, said) for path in places]
    assert run(asking.ask(actor, version, position)).state == "succeeded"
    for log in logs:
        text = log.read_text()
        assert text.startswith("warning: erased") and len(text) == len(said), log
        assert f" {SECRET}" not in text and f"/{SECRET}" not in text.replace(f"{SECRET}.bak", ""), log
        assert f"my-{SECRET} stay.\n" in text


def test_predictions_that_no_evaluation_knows_name_it_no_more(actor, version, position, experiment):  # noqa: F811
    file, other = (experiment.folder / f"predictions-{name}.csv" for name in ("train", "test-best-0123456789ab"))
    for path in (file, other):
        write_rows(path, [Prediction(name, "cat", "cat", 0.9, 0.1, [("cat", 0.9)]) for name in (SECRET, "cat/a.png")])
    run(asking.ask(actor, version, position))
    assert "patient-77" not in file.read_text() and "cat/a.png" in file.read_text()
    assert "patient-77" in other.read_text()  # of another dataset, whose file only has the same name


def test_what_a_job_failed_with_names_it_no_more_by_its_folder_either(actor, dataset, version, position, home):  # noqa: F811
    job = actions.submit(team=actor.team, user=actor.user, kind="quality", title="Check")
    told = f"Cannot read datasets/{dataset.id}/upload/{SECRET}: " + "it is " * 40 + f"damaged ({home}/x/{SECRET})."
    actions.fail(actions.claim(job.id, "host@here:1"), told, "failure", retry=False)
    run(asking.ask(actor, version, position))
    assert "patient-77" not in Job.objects.get(pk=job.id).error + Attempt.objects.get(job=job).outcome
    assert Job.objects.get(pk=job.id).error.startswith("Cannot read erased: it is ")


def test_an_upload_that_was_called_after_it_gets_another_name(actor, dataset, version, position):  # noqa: F811
    Dataset.objects.filter(pk=dataset.pk).update(archive_name="patient-77 and 9 more.tar")
    draft = drafts.opening.started(actor, version)
    added = Addition.objects.create(draft=draft, file="1.tar", name="patient-77.tar", bytes=1)
    another = Addition.objects.create(draft=draft, file="2.tar", name="patient-771.tar", bytes=1)
    edit = Edit.objects.create(
        draft=draft, number=1, user=actor.user, did={"add": "patient-77.tar", "label": None}, why=f"{SECRET} was missing"
    )
    begun = {"team": actor.team, "name": "Pets", "length": 1, "adds": {"label": ""}, "dataset": dataset}
    metadata = "filename cGF0aWVudC03Ny50YXI=,adds_to MQ==,folder"
    upload = Upload.objects.create(archive_name="patient-77.tar", metadata=metadata, finished_at="2026-11-01T00:00Z", **begun)
    run(asking.ask(actor, version, position))
    for row in (added, another, edit, upload, dataset):
        row.refresh_from_db()
    assert (added.name, another.name, upload.archive_name) == ("erased.tar", "patient-771.tar", "erased.tar")
    assert (edit.did, edit.why) == ({"add": "erased.tar", "label": None}, "erased was missing")
    assert upload.metadata == "filename ZXJhc2Vk,adds_to MQ==,folder" and dataset.archive_name == "erased and 9 more.tar"


def test_what_jobs_told_of_an_upload_that_was_called_after_it_names_it_no_more(actor, dataset, version, position):  # noqa: F811
    draft = drafts.opening.started(actor, version)
    Addition.objects.create(draft=draft, file="1.tar", name="patient-77 and 2 more.tar", bytes=1)
    Dataset.objects.filter(pk=dataset.pk).update(archive_name="patient-77.tar")
    claim = actions.claim(submitted(actor).id, "host@here:1")
    said = ("Reading patient-77.tar", "Reading patient-77 and 2 more.tar", "Reading patient-771.tar", "Reading holiday.zip")
    told = [actions.NewEvent("log", {"level": "info", "message": words}) for words in said]
    actions.record(claim, [*told, actions.NewEvent("progress", {"progress": 0.1, "stage": said[0]})], stage=said[0])
    log = dataset.folder / "log.txt"
    log.write_text("\n".join(said) + "\n")
    actions.finish(claim)
    run(asking.ask(actor, version, position))
    messages = list(JobEvent.objects.filter(job=claim.job_id, kind="log").order_by("seq").values_list("data__message", flat=True))
    assert messages[-4:] == ["Reading erased", "Reading erased", *said[2:]]
    assert JobEvent.objects.get(job=claim.job_id, kind="progress").data["stage"] == "Reading erased"
    assert Job.objects.get(pk=claim.job_id).stage in ("", "Reading erased")
    assert log.read_text().count("patient-77") == 1 and "patient-771.tar" in log.read_text() and "holiday.zip" in log.read_text()


def test_numbers_and_short_words_that_an_upload_is_called_by_stay_in_sentences(dataset):  # noqa: F811
    for name, file, found in (
        ("7 and", "7.png", []),
        ("2024", "2024.png", []),
        ("ant", "ant.png", []),
        ("jane.tar", "x/jane.png", ["jane.tar"]),
    ):
        dataset.archive_name = name
        assert naming.called(dataset, [file]) == found


def test_a_copy_that_was_not_added_again_is_named_no_more_either(actor, dataset, version, position):  # noqa: F811
    said = f"It is the same image as {SECRET}, which the dataset has already; it was not added again."
    for file in ("patient-seventy.png", "cat/a.png"):
        Problem.objects.create(dataset=dataset, file=file, rule="already_there", message=said, taken=False)
    Sample.objects.filter(version=version).exclude(position=position).filter(path__startswith="cat/").update(path="cat/a.png")
    actions.record(
        claim := actions.claim(submitted(actor).id, "host@here:1"),
        [actions.NewEvent("problem", {"file": "patient-seventy.png", "message": said})],
    )
    actions.finish(claim)
    run(asking.ask(actor, version, position))
    files = set(Problem.objects.filter(rule="already_there").values_list("file", flat=True))
    assert files == {"erased", "cat/a.png"} and not Problem.objects.filter(message__contains="patient").exists()
    assert not JobEvent.objects.filter(data__file="patient-seventy.png").exists()


def submitted(actor) -> Job:
    """A job that tells of files of the dataset, of which nothing says so any more."""
    return actions.submit(team=actor.team, user=actor.user, kind="seal", title="Pets v2")


def test_what_people_wrote_of_it_names_it_no_more(actor, dataset, version, position, experiment):  # noqa: F811
    mine = {"team": actor.team, "created_by": actor.user}
    Dataset.objects.filter(pk=dataset.pk).update(description=f"Without {SECRET}, please.")
    evaluation = Evaluation.objects.create(
        experiment=experiment, version=version, job=experiment.job, split="train", checkpoint="best", **mine
    )
    report = Report.objects.create(evaluation=evaluation, title="First", notes=f"*Look at {SECRET}*", html="old", renderer="old", **mine)
    comment = Comment.objects.create(team=actor.team, report=report, author_name="ada", text=f"{SECRET} is odd", html=f"<p>{SECRET}</p>")
    run(asking.ask(actor, version, position))
    for row in (dataset, report, comment):
        row.refresh_from_db()
    assert (dataset.description, report.notes, comment.text) == ("Without erased, please.", "*Look at erased*", "erased is odd")
    assert report.html.strip() == "<p><em>Look at erased</em></p>" and "patient" not in comment.html


def test_who_classified_it_by_its_name_is_not_told_that_name_again(actor, version, position):  # noqa: F811
    results = [{"file": "patient-77.png", "error": "patient-77.png is cut short."}, {"file": "b.png", "top": []}]
    kept = IdempotentAnswer.objects.create(user=actor.user, key="a", request_digest="b", status=200, body={"results": results})
    run(asking.ask(actor, version, position))
    kept.refresh_from_db()
    assert kept.body == {"results": [{"file": "erased", "error": "erased is cut short."}, {"file": "b.png", "top": []}]}


def test_who_was_handed_it_to_label_is_not_told_its_name_again(actor, version, position):  # noqa: F811
    items = [{"id": 1, "path": SECRET, "was": "cat", "suggested": None}, {"id": 2, "path": "cat/a.png", "was": "cat", "suggested": None}]
    told = {"items": items, "more": False, "ended": "", "round": {"id": "1"}}
    kept = IdempotentAnswer.objects.create(user=actor.user, key="a", request_digest="b", status=200, body=told)
    run(asking.ask(actor, version, position))
    kept.refresh_from_db()
    assert kept.body == told | {"items": [items[0] | {"path": "erased"}, items[1]]}


def test_an_upload_of_another_dataset_keeps_its_name(actor, version, position):  # noqa: F811
    other = Dataset.objects.create(team=actor.team, created_by=actor.user, name="Others", job=submitted(actor), archive_name="x.zip")
    upload = Upload.objects.create(
        team=actor.team, name="Others", dataset=other, archive_name="patient-77.tar", length=1, adds={}, finished_at="2026-11-01T00:00Z"
    )
    run(asking.ask(actor, version, position))
    upload.refresh_from_db()
    assert upload.archive_name == "patient-77.tar"


def test_a_short_name_makes_no_row_too_long(actor, dataset, version, position):  # noqa: F811
    """PostgreSQL would refuse the row, and the erasure fail each time."""
    Sample.objects.filter(version=version, position=position).update(path="7.png")
    Dataset.objects.filter(pk=dataset.pk).update(archive_name="7 and ".ljust(255, "x"))
    draft = drafts.opening.started(actor, version)
    edit = Edit.objects.create(draft=draft, number=1, user=actor.user, did={"add": "1.tar"}, why="7.png ".ljust(200, "x"))
    run(asking.ask(actor, version, position))
    dataset.refresh_from_db()
    edit.refresh_from_db()
    assert dataset.archive_name.startswith("erased and x") and len(dataset.archive_name) == 255
    assert edit.why.startswith("erased x") and len(edit.why) == 200


@pytest.mark.parametrize("name", ["cat/patient-77.png", "Kätzchen/Fräulein 7.png", "猫/患者77.jpg", "a\"b/it's.png"])
def test_a_name_is_found_however_programs_print_it(name, tmp_path):
    lines = [name, json.dumps(name), ascii(name), f"GET /x?q={texts.quote(name)}", f"/srv/some images/{name}", f"({name})"]
    log = written(tmp_path / "a.log", "\n".join(lines) + "\n")
    before = log.stat()
    texts.forget_in([log], [name])
    assert log.stat().st_size == before.st_size and log.stat().st_ino == before.st_ino
    text = log.read_text()
    assert text.count("erased") == len(lines) and not any(form in text for form in texts.forms(name))


def test_a_name_that_lies_across_two_blocks_is_found_and_other_names_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "BLOCK_BYTES", 16)
    for before in range(40):
        text = "." * before + " cat/a.png cat/a.png2 xcat/a.png cat/a.png-x cat/a.png,cat/a.png " + "." * 30
        log = written(tmp_path / "a.log", text)
        texts.forget_in([log], ["cat/a.png"])
        assert log.read_text() == text.replace(" cat/a.png ", " erased___ ").replace("cat/a.png,cat/a.png ", "erased___,erased___ ")


def test_a_name_of_one_letter_takes_no_text_apart(tmp_path):
    log = written(tmp_path / "a.log", "1 of 10")
    texts.forget_in([log, tmp_path / "gone.log"], ["1"])
    assert log.read_text() == "1 of 10"

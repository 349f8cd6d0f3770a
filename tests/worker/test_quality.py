"""A check by a real child: its findings in rows, nothing left on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifier.spec.quality import KINDS, SCALE
from tests.classifier.images import class_folders, picture
from tests.worker.sealed import run, version_of
from webapp.datasets.browsing import looks
from webapp.datasets.quality import actions as quality
from webapp.datasets.quality import queries
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ask(owner, actor_of, tmp_path: Path, settings, monkeypatch):
    """Asks for a check of a small dataset in which one image stands in two classes."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    actor = actor_of(owner)
    version = version_of(actor, class_folders(per_class=12) | {"cat/both.png": picture(77), "dog/both.png": picture(77)}, tmp_path)
    return lambda: quality.start(actor, version)


def test_a_check_ends_with_its_findings_in_rows_and_leaves_no_file(ask):
    made = ask()
    job = run(made.job_id)
    made.refresh_from_db()
    assert (job.state, job.error) == ("succeeded", "") and set(made.counts) == set(KINDS)
    (found,) = Finding.objects.filter(of=made, kind="two_labels")
    sample = made.version.samples.get(position=found.position)
    assert sample.path.endswith("both.png") and found.label == sample.label and found.seems == 1 - sample.label
    assert made.facts["distributions"]["size"]["median"] == 16 and len(made.means) == 2
    assert list(made.folder.iterdir()) == []
    known = looks.read(made.version, made.pk, 26)
    assert (known.light < SCALE).all() and (known.sure <= SCALE).any()


def test_another_check_takes_the_place_of_the_first(ask):
    first = ask()
    run(first.job_id)
    second = ask()
    assert second.pk != first.pk and run(second.job_id).state == "succeeded"
    assert list(QualityCheck.objects.values_list("pk", flat=True)) == [second.pk]
    assert list(looks.kept(second.version)) == [looks.path(second.version, second.pk)]
    assert not Job.objects.filter(pk=first.job_id).exists() and queries.newest_done(second.version).pk == second.pk


def test_what_a_killed_attempt_wrote_is_written_once(ask):
    made = ask()
    Finding.objects.create(of=made, kind="two_labels", rank=0, position=1, label=0, score=1.0)
    run(made.job_id)
    assert Finding.objects.filter(of=made, kind="two_labels").count() == 1


def test_one_who_lost_the_job_writes_no_finding(ask):
    made = ask()
    claim = actions.claim(made.job_id, "host@here:1")
    actions.release(claim)
    told = {"findings": [["dark", 0, None, None, 1.0]]}
    with pytest.raises(actions.LostClaim):
        quality.staged(made, told, lambda: actions.fence(claim))
    assert not Finding.objects.exists()


def test_a_check_that_fails_says_why_and_keeps_the_report_before_it(ask, settings):
    first = ask()
    run(first.job_id)
    second = ask()
    shutil.rmtree(second.version.folder)
    job = run(second.job_id)
    assert job.state == "failed" and "is no Synset dataset" in job.error and str(settings.SYNSET_HOME) not in job.error
    assert queries.newest_done(first.version).pk == first.pk


def test_what_was_deleted_while_it_waited_is_said(ask):
    made = ask()
    QualityCheck.objects.all().delete()
    job = run(made.job_id)
    assert job.state == "failed" and "was deleted before its check began" in job.error


def test_a_check_that_was_asked_to_stop_is_cancelled(ask):
    made = ask()
    claim = actions.claim(made.job_id, "host@here:1")
    actions.request_cancel(made.job)
    attempt.run(claim, {}, claimed_at=now())
    assert Job.objects.get(pk=made.job_id).state == "cancelled" and not Finding.objects.exists()

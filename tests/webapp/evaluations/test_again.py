"""A training that is done again on what its dataset has become, and how it is compared with the one before."""

from __future__ import annotations

import re
import shutil
import time

import numpy as np
import pytest

from classifier.metrics.comparison import Paired
from classifier.metrics.scored import FORGOTTEN
from tests.webapp.evaluations.scored_rows import rows_of, say
from webapp.accounts.models import Membership
from webapp.datasets import drafts, hooks
from webapp.datasets.models import DatasetVersion, Draft
from webapp.evaluations.again import comparing
from webapp.evaluations.models import Evaluation
from webapp.experiments import again, removing
from webapp.experiments.models import Experiment, Waiting
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job

BLUE, GREEN, RED = range(3)


@pytest.fixture
def parent(evaluated: Evaluation) -> Experiment:
    return evaluated.experiment


def second(parent: Experiment, **more: object) -> DatasetVersion:
    """Version 2 of its dataset, the same images."""
    version = parent.version
    shutil.copytree(version.folder, version.dataset.folder / "versions" / "2")
    told = {"images": version.images, "classes": version.classes, "small": True, "parent": version} | more
    made = DatasetVersion.objects.create(dataset=version.dataset, number=2, fingerprint="2" * 64, **told)
    for sample in version.samples.all():
        sample.pk, sample.version = None, made
        sample.save(force_insert=True)
    return made


def sealed(parent: Experiment) -> DatasetVersion:
    """What the worker does at the end of a sealing."""
    draft = drafts.current(parent.dataset)
    version = second(parent)
    jobs.finish(jobs.claim(draft.job_id, "host@here:1"), also=lambda: hooks.tell_sealed(draft, version))
    return version


def relabelled(actor, parent: Experiment) -> None:
    drafts.change(actor, parent.dataset, [0], label="red")


def test_a_draft_is_sealed_and_the_training_begins_on_what_came_of_it(parent, actor_of, editor):
    relabelled(actor_of(editor), parent)
    begun = again.ask(actor_of(editor), parent)
    assert begun.experiment is None and begun.job.kind == "seal" and Experiment.objects.count() == 1
    version = sealed(parent)
    made = Experiment.objects.get(again_of=parent)
    assert (made.version, made.name, made.job.state) == (version, "First, on v2", "queued")
    assert made.config == parent.config and Waiting.objects.get().experiment == made


def test_two_clicks_begin_one_training(parent, actor_of, editor):
    relabelled(actor_of(editor), parent)
    first, other = (again.ask(actor_of(editor), parent) for _ in range(2))
    assert first.job == other.job and Waiting.objects.count() == 1
    sealed(parent)
    assert Experiment.objects.filter(again_of=parent).count() == 1


def test_a_sealing_that_was_cancelled_begins_no_training_later(parent, evaluated, actor_of, editor, signed_in):
    actor, address = actor_of(editor), f"/evaluations/{evaluated.pk}/images/"
    relabelled(actor, parent)
    jobs.request_cancel(again.ask(actor, parent).job)
    time.sleep(0.01)  # the database's clock tells milliseconds
    drafts.seal(actor, parent.dataset)  # days later, by whoever
    assert "begins as soon as it is sealed" not in signed_in(editor).get(address).content.decode()
    sealed(parent)
    assert not Experiment.objects.filter(again_of=parent).exists()


def test_who_asks_again_after_a_sealing_was_cancelled_gets_the_training(parent, actor_of, editor):
    relabelled(actor_of(editor), parent)
    jobs.request_cancel(again.ask(actor_of(editor), parent).job)
    time.sleep(0.01)
    again.ask(actor_of(editor), parent)
    sealed(parent)
    assert Experiment.objects.filter(again_of=parent).count() == 1 and Waiting.objects.count() == 1


def test_a_sealed_version_is_trained_on_at_once_and_once(parent, actor_of, editor):
    version = second(parent)
    first, other = (again.ask(actor_of(editor), parent).experiment for _ in range(2))
    assert first == other and first.version == version and first.again_of == parent


def test_nothing_new_is_not_trained_on(parent, signed_in, editor):
    client = signed_in(editor)
    answer = client.post(f"/experiments/{parent.pk}/again/", follow=True)
    assert "has not changed since version 1" in answer.content.decode() and Experiment.objects.count() == 1


def test_the_training_of_a_training_is_called_by_its_first_name(parent, actor_of, editor):
    version = second(parent)
    made = again.ask(actor_of(editor), parent).experiment
    assert again.name_of(made, 3) == "First, on v3" and len(again.name_of(Experiment(name="x" * 120), 10)) <= 120
    assert made.version == version


def test_who_left_meanwhile_begins_nothing_and_the_page_says_why(parent, actor_of, editor, signed_in, owner):
    relabelled(actor_of(editor), parent)
    again.ask(actor_of(editor), parent)
    Membership.objects.filter(user=editor).delete()
    sealed(parent)
    assert not Experiment.objects.filter(again_of=parent).exists()
    assert "no member of the team any more" in Waiting.objects.get().trouble


def test_a_configuration_that_no_longer_fits_undoes_no_sealing(parent, actor_of, editor, monkeypatch):
    relabelled(actor_of(editor), parent)
    again.ask(actor_of(editor), parent)
    monkeypatch.setattr("webapp.experiments.actions.unfit", lambda version, values: {"dataset": "has 1 class"})
    version = sealed(parent)
    assert Waiting.objects.get().trouble == "Has 1 class." and version.number == 2
    assert Job.objects.get(kind="seal").state == "succeeded"


def test_a_viewer_may_not_and_an_outsider_finds_nothing(parent, signed_in, viewer, outsider):
    assert signed_in(viewer).post(f"/experiments/{parent.pk}/again/").status_code == 403
    assert signed_in(outsider).post(f"/experiments/{parent.pk}/again/").status_code == 404
    assert signed_in(outsider).get(f"/evaluations/again/{parent.pk}/").status_code == 404


def test_what_was_made_and_lies_in_the_trash_says_what_to_do(parent, actor_of, editor, signed_in):
    second(parent)
    made = again.ask(actor_of(editor), parent).experiment
    jobs.cancelled(jobs.claim(made.job_id, "device@here:1"))
    removing.delete(actor_of(editor), Experiment.objects.get(pk=made.pk))
    answer = signed_in(editor).post(f"/experiments/{parent.pk}/again/", follow=True)
    assert "is in the trash. Restore it from there, or delete it for good to train again." in answer.content.decode()


def test_the_page_offers_it_where_something_changed(parent, evaluated, signed_in, editor, viewer, actor_of):
    address = f"/evaluations/{evaluated.pk}/images/"
    assert "train again" not in signed_in(editor).get(address).content.decode().lower()
    relabelled(actor_of(editor), parent)
    assert "Seal as version 2 and train again" in signed_in(editor).get(address).content.decode()
    assert "train again" not in signed_in(viewer).get(address).content.decode()
    again.ask(actor_of(editor), parent)
    assert "A training on version 2 begins as soon as it is sealed" in signed_in(editor).get(address).content.decode()
    sealed(parent)
    Draft.objects.update(closed_at="2026-01-01T00:00Z")
    assert "Trained again as" in signed_in(editor).get(address).content.decode()


@pytest.fixture
def repeated(parent, actor_of, editor) -> Experiment:
    """A finished training on version 2; test images 0 to 5 were measured by both, 6 by the later one alone."""
    say(Evaluation.objects.get(), rows_of([(BLUE, BLUE), (BLUE, RED), (GREEN, GREEN), (GREEN, RED), (RED, RED), (RED, BLUE)]))
    version = second(parent)
    made = again.ask(actor_of(editor), parent).experiment
    shutil.copytree(parent.folder, made.folder)
    job = jobs.claim(made.job_id, "device@here:1")
    from webapp.experiments.actions import finished

    jobs.finish(job, also=lambda: finished(made.pk, made.folder))
    later = Evaluation.objects.get(experiment=made)
    # Image 1 is red by now, 3 is put right, 4 is broken.
    say(later, rows_of([(BLUE, BLUE), (RED, RED), (GREEN, GREEN), (GREEN, GREEN), (RED, BLUE), (RED, BLUE), (RED, RED)]))
    assert version.number == 2
    return Experiment.objects.get(pk=made.pk)


def test_both_are_judged_by_the_labels_of_the_later_version_on_the_images_of_both(repeated):
    found = comparing.of(repeated)
    assert found.flips == Paired(both_right=3, broken=1, fixed=1, both_wrong=1)  # 0, 1 and 2; 3; 4; 5
    assert found.relabelled == 1


def test_an_erased_image_is_compared_with_none(repeated):
    later = Evaluation.objects.get(experiment=repeated)
    rows = np.array(later.scored)
    rows["position"][[0, 6]] = FORGOTTEN
    say(later, rows)
    assert comparing.of(repeated).flips.n == 5


def test_a_class_that_was_renamed_is_the_same_class(repeated):
    later = Evaluation.objects.get(experiment=repeated)
    for row in later.result["per_class"]:
        row["label"] = {"red": "crimson"}.get(row["label"], row["label"])
    later.save()
    classes = [{**entry, "label": {"red": "crimson"}.get(entry["label"], entry["label"])} for entry in later.version.classes]
    DatasetVersion.objects.filter(pk=later.version_id).update(classes=classes)
    assert comparing.of(repeated).flips == Paired(3, 1, 1, 1)


def test_the_page_tells_how_they_compare(repeated, parent, signed_in, viewer):
    shown = signed_in(viewer).get(f"/evaluations/again/{repeated.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "On the 6 test images of both, by the labels of version 2: 66.7 % were right before, 66.7 % are now, 0.0 points (" in shown
    assert "1 fixed, 1 broken, 1 wrong both times" in shown and "which may be chance" in shown
    assert f"/evaluations/again/{repeated.pk}/" in signed_in(viewer).get(f"/experiments/{repeated.pk}/").content.decode()
    assert signed_in(viewer).get(f"/evaluations/again/{parent.pk}/", headers={"HX-Request": "true"}).content == b""
    assert re.search(r'<b>Repeats</b> <a id="again-of"[^>]*>[^<]+</a>, on version 2 in place of version 1\.', shown)

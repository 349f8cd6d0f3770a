"""A report says whether its test images were known to stand in train."""

from __future__ import annotations

from django.urls import reverse

from webapp.datasets.quality_models import QualityCheck
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs


def page(client, report):
    return client.get(reverse("reports:detail", args=[report.id])).content.decode()


def test_a_report_on_leaking_data_is_stamped(report, signed_in, viewer):
    Experiment.objects.update(leaks=3)
    assert "images in two splits" in page(signed_in(viewer), report)


def check(report, images=0):
    """Ends a check of the version that was measured, which found so many test images in train."""
    evaluation = report.evaluation
    job = jobs.submit(team=report.team, user=report.created_by, kind="quality", title="Check")
    made = {"team": report.team, "version": evaluation.version, "job": job}
    leaks = {"train-validation": 0, "train-test": images, "validation-test": 0}
    jobs.finish(jobs.claim(job.id, "host@here:1"), also=lambda: QualityCheck.objects.create(leaks=leaks, **made))


def test_a_report_on_data_that_were_checked_and_are_sound_is_not(report, signed_in, viewer):
    check(report)
    assert "no leak found" in page(signed_in(viewer), report)


def test_a_report_on_data_that_nobody_checked_is_not_called_sound(report, signed_in, viewer):
    shown = page(signed_in(viewer), report)
    assert "not looked for look-alikes" in shown and "no leak found" not in shown


def test_what_a_later_check_finds_is_stamped_too(report, signed_in, viewer):
    check(report, 2)
    assert "images in two splits" in page(signed_in(viewer), report)


def test_what_leaked_in_the_first_version_and_was_mended_is_not_stamped(report, signed_in, viewer):
    version = report.evaluation.version
    type(version.dataset).objects.update(problem_rules={"leak": 4})
    type(version).objects.filter(pk=version.pk).update(number=2)
    check(report)
    shown = page(signed_in(viewer), report)
    assert "no leak found" in shown and "The figures are too good" not in shown


def test_another_dataset_is_not_stamped_with_its_own_leaks(elsewhere, signed_in, viewer):
    type(elsewhere.evaluation.version.dataset).objects.update(problem_rules={"leak": 4})
    Experiment.objects.update(leaks=3)
    shown = page(signed_in(viewer), elsewhere)
    assert "not compared with its training images" in shown and "images in two splits" not in shown

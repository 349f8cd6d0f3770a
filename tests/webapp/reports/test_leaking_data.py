"""A report says whether its test images were known to stand in train."""

from __future__ import annotations

from django.urls import reverse

from webapp.experiments.models import Experiment


def page(client, report):
    return client.get(reverse("reports:detail", args=[report.id])).content.decode()


def test_a_report_on_leaking_data_is_stamped(report, signed_in, viewer):
    Experiment.objects.update(leaks=3)
    assert "images in two splits" in page(signed_in(viewer), report)


def test_a_report_on_sound_data_is_not(report, signed_in, viewer):
    Experiment.objects.update(leaks=0)
    assert "no leak found" in page(signed_in(viewer), report)

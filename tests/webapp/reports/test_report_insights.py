"""The sentences about a training stand in its report."""

from __future__ import annotations

from webapp.reports.models import Report


def test_the_report_says_what_the_figures_mean(experiment, finish, signed_in, viewer):
    finish(experiment)
    text = signed_in(viewer).get(f"/reports/{Report.objects.get().id}/").content.decode()
    assert "What the figures say" in text and 'data-rule="baseline"' in text and "/experiments/new/?from" not in text

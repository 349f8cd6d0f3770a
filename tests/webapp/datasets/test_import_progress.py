"""How far a look, an import or a sealing is, as its pages say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.datasets.models import Dataset
from webapp.jobs import actions as jobs
from webapp.jobs.actions import NewEvent

SignedIn = Callable[[Any], Client]
AT = {"done": 500, "total": 1041, "unit": "files", "rate": 120.0}


@pytest.fixture
def decoding(waiting: Dataset) -> Dataset:
    """An import that decodes its 500th file."""
    claim = jobs.claim(waiting.job_id, "host@here:1")
    stage = "decoding: 500 of 1,041 files"
    jobs.record(
        claim, [NewEvent("progress", {"progress": 0.4, "eta_seconds": 12.0, "stage": stage, **AT})], progress=0.4, eta=12.0, stage=stage
    )
    waiting.refresh_from_db()
    return waiting


def text(client: Client, name: str, dataset: Dataset) -> str:
    return " ".join(client.get(reverse(f"datasets:{name}", args=[dataset.id])).content.decode().split())


def test_an_import_says_each_figure_once(decoding: Dataset, owner: Any, signed_in: SignedIn) -> None:
    page = text(signed_in(owner), "status", decoding)
    assert page.count("500 of 1,041 files") == 1 and '<span class="strong">Decoding</span>' in page
    assert "120 files/s" in page and "12 s left" in page


def test_what_has_no_known_end_moves_without_a_length(waiting: Dataset, owner: Any, signed_in: SignedIn) -> None:
    claim = jobs.claim(waiting.job_id, "host@here:1")
    at = {"done": 500, "total": None, "unit": "files", "rate": 120.0, "progress": 0.0, "eta_seconds": None, "stage": "reading"}
    jobs.record(claim, [NewEvent("progress", at)], progress=None, eta=None, stage="reading")
    page = text(signed_in(owner), "status", waiting)
    assert '<progress aria-label="Import" class="progress progress--thick" max="1"></progress>' in page and "500 files" in page


def test_the_line_of_an_import_says_how_far_it_is(decoding: Dataset, owner: Any, signed_in: SignedIn) -> None:
    line = text(signed_in(owner), "line", decoding)
    assert 'value="0.4000"' in line and "12 s left" in line and "data-ended" not in line


def test_the_line_of_an_import_that_ended_leads_to_it(dataset: Dataset, owner: Any, signed_in: SignedIn) -> None:
    line = text(signed_in(owner), "line", dataset)
    assert "data-ended" in line and "24 images · 3 classes" in line and "Open Animals" in line


def test_the_line_of_an_import_that_failed_says_why(failed: Dataset, owner: Any, signed_in: SignedIn) -> None:
    line = text(signed_in(owner), "line", failed)
    assert "data-ended" in line and "Only one class came." in line and "Failed" in line


def test_an_outsider_finds_no_line(waiting: Dataset, outsider: Any, signed_in: SignedIn) -> None:
    assert signed_in(outsider).get(reverse("datasets:line", args=[waiting.id])).status_code == 404

"""A page and an undo take no longer once a million images were labelled, each by an edit of its own."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet

from tests.webapp.ops.test_search import plan
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.drafts import class_edits, undoing
from webapp.datasets.models import Dataset, Draft, Edit, EditSample

MANY = 2_000


@pytest.fixture
def draft(actor: Actor, dataset: Dataset) -> Draft:
    """Of as many edits of an image each as make a database prefer an index, and statistics that say so."""
    drafts.change(actor, dataset, [0], label="bee")
    found = drafts.current(dataset)
    assert found
    edits = Edit.objects.bulk_create(Edit(draft=found, number=number, did={}, samples=1) for number in range(2, MANY))
    EditSample.objects.bulk_create(EditSample(edit=edit, dataset=dataset, position=edit.number) for edit in edits)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return found


def first(draft: Draft) -> Edit:
    return draft.edits.get(number=1)


def test_edits_of_classes_are_found_among_those_of_no_image_alone(draft: Draft, dataset: Dataset) -> None:
    assert "edit_of_no_sample" in plan(class_edits.that_hold(dataset).order_by())


def test_a_class_that_was_taken_out_since_is_looked_for_there_too(draft: Draft) -> None:
    assert "edit_of_no_sample" in plan(undoing.holding(draft).filter(number__gt=1, samples=0))


def test_what_was_taken_back_is_counted_by_itself(draft: Draft) -> None:
    rows: QuerySet[Edit] = draft.edits.filter(undone_at__isnull=False)
    assert "edit_taken_back" in plan(rows)


def test_who_changed_the_same_images_since_is_found_by_the_images(draft: Draft) -> None:
    told = plan(undoing.touching(draft, first(draft)).filter(position__in=[0]))
    assert "edit_of_sample" in told and "SUBQUERY" not in told
    assert undoing.cover(draft, first(draft)) is None

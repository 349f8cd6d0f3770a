"""The search finds what the team has, by name, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from tests.webapp.experiments.kit import dataset_of, launched
from webapp.accounts.models import Team
from webapp.datasets.models import Dataset
from webapp.evaluations.models import Evaluation
from webapp.jobs.models import Job
from webapp.ops.search import MOST, beginning, holding, search
from webapp.ops.templatetags.found import marked
from webapp.reports.models import Report

MANY = 20_000


def titles(actor, question, kind):
    return [hit.title for title, hits in search(actor, question) if title == kind for hit in hits]


@pytest.fixture
def actor(editor, actor_of):
    return actor_of(editor)


def report_of(experiment, title):
    job = Job.objects.get(id=experiment.job_id)
    evaluation = Evaluation.objects.create(
        team=experiment.team, experiment=experiment, version=experiment.version, job=job, split="test", checkpoint="best"
    )
    return Report.objects.create(team=experiment.team, evaluation=evaluation, title=title)


def test_a_name_that_begins_so_comes_before_one_that_holds_it(editor, actor):
    for name in ("Street birds", "Birds of Iceland", "Fungi"):
        dataset_of(editor, name)
    assert titles(actor, "bird", "Datasets") == ["Birds of Iceland", "Street birds"]


def test_experiments_and_reports_are_found_with_their_data(editor, actor):
    experiment = launched(editor, "Nightly", dataset_of(editor, "Grocery"))
    report_of(experiment, "Nightly on new shelves")
    assert titles(actor, "nightly", "Experiments") == ["Nightly"]
    assert titles(actor, "NIGHTLY", "Reports") == ["Nightly on new shelves"]
    assert next(hit.note for _, hits in search(actor, "nightly") for hit in hits) == "Grocery · small_cnn"


def test_at_most_five_of_a_kind_are_shown(editor, actor):
    for number in range(MOST + 3):
        dataset_of(editor, f"Set {number}")
    assert len(titles(actor, "set", "Datasets")) == MOST


def test_another_teams_things_are_not_found(editor, outsider, actor_of):
    launched(editor, "Secret", dataset_of(editor, "Secret"))
    assert search(actor_of(outsider), "secret") == []


def test_what_lies_in_the_trash_is_not_found(editor, actor):
    dataset = dataset_of(editor, "Gone")
    Dataset.everything.filter(id=dataset.id).update(trashed_at=dataset.created_at)
    assert titles(actor, "gone", "Datasets") == []


@pytest.mark.parametrize("question", ["%", "_", "a%b", "\\", "'", "\0", "x" * 5000, "<script>"])
def test_a_sign_of_the_databases_is_a_letter_here(editor, actor, question):
    dataset_of(editor, "Animals")
    assert search(actor, question) == [] or question == "\0"


def test_without_a_question_the_pages_are_listed(actor):
    assert titles(actor, "", "Pages")[:2] == ["Home", "Datasets"]


def test_a_viewer_is_not_offered_what_they_may_not(viewer, actor_of):
    assert "Upload images" not in titles(actor_of(viewer), "upload", "Pages")


def test_an_owner_is_offered_the_team_and_the_trash(owner, viewer, actor_of):
    assert titles(actor_of(owner), "team", "Pages") == ["Team"] and titles(actor_of(owner), "trash", "Pages") == ["Trash"]
    assert titles(actor_of(viewer), "team", "Pages") == []


def test_the_dialog_gets_the_list_alone(editor, signed_in):
    dataset_of(editor, "Animals")
    answer = signed_in(editor).get("/search/?q=ani", HTTP_HX_REQUEST="true")
    page = answer.content.decode()
    assert 'role="option"' in page and "<html" not in page and "no-store" in answer["Cache-Control"]


def test_without_scripts_there_is_a_page(editor, signed_in):
    dataset_of(editor, "Animals")
    page = signed_in(editor).get("/search/?q=ani").content.decode()
    assert "<html" in page and "<mark>Ani</mark>mals</span>" in page


def test_markup_in_the_question_stays_text(editor, signed_in):
    page = signed_in(editor).get("/search/?q=<b>x</b>", HTTP_HX_REQUEST="true").content.decode()
    assert "&lt;b&gt;" in page and "<b>" not in page


def test_one_of_many_rows_is_found(editor, actor):
    kept = dataset_of(editor, "Animals")
    jobs = Job.objects.bulk_create([Job(team=kept.team, kind="import", queue="host", title="x") for _ in range(MANY)], batch_size=2000)
    rows = [Dataset(team=kept.team, name=f"Set {index}", job=job, archive_name="x.zip") for index, job in enumerate(jobs)]
    Dataset.everything.bulk_create(rows, batch_size=2000)
    assert titles(actor, "animals", "Datasets") == ["Animals"]


@pytest.fixture
def many_teams(editor):
    """As many data sets of other teams as it takes for PostgreSQL to have no way but a team's own index, and statistics that say so."""
    job = Job.objects.get(id=dataset_of(editor, "Animals").job_id)
    teams = Team.objects.bulk_create(Team(name=f"Team {number}") for number in range(40))
    jobs = Job.objects.bulk_create(Job(team=team, kind=job.kind, queue=job.queue, title="x") for team in teams for _ in range(50))
    Dataset.everything.bulk_create(Dataset(team_id=job.team_id, name=f"Set {job.id}", job=job, archive_name="x.zip") for job in jobs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan(rows: QuerySet[Any]) -> str:
    """How the database would find them, were the table too large to read it whole or to sort it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    return rows.explain()


def test_a_beginning_is_found_by_the_index(team, many_teams):
    assert "dataset_team_name" in plan(beginning(Dataset.objects.filter(team=team), "name", "a")[:MOST])


def test_words_within_a_name_are_looked_for_in_the_newest_rows_alone(team, many_teams):
    told = plan(holding(Dataset.objects.filter(team=team), "name", "a")[:MOST])
    assert "dataset_team_newest" in told and "SCAN datasets_dataset" not in told and "Seq Scan" not in told


def test_the_page_shows_more_of_a_kind_than_the_dialog(editor, signed_in):
    for number in range(MOST + 3):
        dataset_of(editor, f"Set {number}")
    page = signed_in(editor).get("/search/?q=set").content.decode()
    dialog = signed_in(editor).get("/search/?q=set", HTTP_HX_REQUEST="true").content.decode()
    assert page.count("<mark>Set</mark>") == MOST + 3 and dialog.count("<mark>Set</mark>") == MOST
    assert "5 or more" in dialog
    assert "10 results" in page  # with two pages


def test_while_one_types_the_page_gets_its_list_alone(editor, signed_in):
    dataset_of(editor, "Animals")
    page = signed_in(editor).get("/search/?q=ani", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="hits").content.decode()
    assert "found__hit" in page and "<html" not in page and 'role="option"' not in page


@pytest.mark.parametrize(
    ("title", "words", "shown"),
    [
        ("Street birds", "BIRD", "Street <mark>bird</mark>s"),
        ("<b>bold</b>", "b>", "&lt;<mark>b&gt;</mark>bold&lt;/b&gt;"),
        ("Fungi", "", "Fungi"),
        ("a.b", "a?b", "a.b"),
    ],
)
def test_the_words_are_marked_and_the_rest_is_text(title, words, shown):
    assert marked(title, words) == shown

"""Rows that are ticked go to the trash together, and come back."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.world import WAIT_MS, comes_to, id_in, upload
from tests.plugins.stack import Stack


@pytest.fixture
def passing(signed_in_page: Page, archive: Path) -> Page:
    """On the list of datasets, one of which nothing uses."""
    upload(signed_in_page, archive, "Passing")
    expect(signed_in_page.get_by_role("link", name="Train on it")).to_be_visible(timeout=WAIT_MS)
    signed_in_page.goto("/datasets/")
    return signed_in_page


def test_what_is_ticked_goes_to_the_trash_and_comes_back(passing: Page) -> None:
    card, delete = passing.locator(".dataset-card", has_text="Passing"), passing.get_by_role("button", name="Delete")
    expect(delete).to_be_hidden()  # nothing is ticked
    card.locator("[name=dataset]").check()
    expect(passing.get_by_text("1 chosen")).to_be_visible()
    delete.click()
    expect(card).to_have_count(0)
    passing.get_by_role("button", name="Undo").click()
    expect(card).to_have_count(1)


FAILED = """
from django.db import transaction
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs import actions
experiment = Experiment.objects.get(pk="{id}")
with transaction.atomic():  # before a worker sees it
    job = actions.submit(team=experiment.team, user=None, kind="evaluate", title="A lost evaluation")
    Evaluation.objects.create(job=job, checkpoint="last", split="test", experiment=experiment, version=experiment.version, team=job.team)
    actions.fail(actions.claim(job.id, "device@here:1"), "The checkpoint is gone.", "gone", retry=False)
"""


def test_what_cannot_come_back_is_asked_about_first(trained: Page, stack: Stack) -> None:
    stack.desk.call("shell", "-c", FAILED.format(id=id_in(trained.url)))
    trained.goto("/")
    row = trained.locator("#needs tr", has_text="A lost evaluation")
    row.get_by_role("checkbox").check()
    delete = trained.locator("#needs [data-bulk-bar] button")
    delete.click()
    asked = trained.get_by_role("dialog")
    asked.get_by_role("button", name="Keep").click()
    expect(row).to_have_count(1)
    delete.click()
    asked.get_by_role("button", name="Delete for good").click()
    expect(trained.get_by_text("1 evaluation without a result deleted for good.")).to_be_visible()
    expect(row).to_have_count(0)


def test_what_was_ticked_while_the_list_was_on_its_way_stays_so(trained: Page) -> None:
    late, fetched = list[Route](), lambda request: request.headers.get("hx-target") == "home"
    trained.route(lambda url: urlsplit(url).path == "/", lambda route: late.append(route) if fetched(route.request) else route.continue_())
    trained.goto("/")
    comes_to(trained, lambda: len(late) > 0, True)  # a list looks once more as soon as it is connected
    box = trained.locator("#home form[data-bulk] input[type=checkbox][name]").first
    box.check()
    with trained.expect_response(lambda answer: fetched(answer.request)):
        late[0].continue_()
    trained.wait_for_timeout(500)  # for the part to be put in its place
    expect(box).to_be_checked()
    trained.unroute_all()


RUNS = """
from django.db import transaction
from webapp.experiments.models import Experiment
from webapp.jobs import actions
team = Experiment.objects.get(pk="{id}").team
with transaction.atomic():  # before a worker sees them
    for name in ("A first one that runs", "A second one that runs"):
        actions.claim(actions.submit(team=team, user=None, kind="evaluate", title=name).id, "device@elsewhere:1")
"""


def test_what_runs_is_cancelled_together_after_a_question(trained: Page, stack: Stack) -> None:
    stack.desk.call("shell", "-c", RUNS.format(id=id_in(trained.url)))
    trained.goto("/")
    rows = trained.locator("#moving tr", has_text="one that runs")
    expect(rows).to_have_count(2)
    for row in rows.all():
        row.get_by_role("checkbox").check()
    cancel = trained.locator("#moving [data-bulk-bar] button")
    cancel.click()
    trained.get_by_role("dialog").get_by_role("button", name="Keep").click()
    cancel.click()
    trained.get_by_role("dialog").get_by_role("button", name="Cancel them").click()
    expect(trained.get_by_text("2 jobs told to stop, which takes a few seconds.")).to_be_visible()
    expect(rows.get_by_role("checkbox")).to_have_count(0)

"""The tables of the home page: filters, orders, figures, small curves, and rows to tick."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webapp.experiments.kit import dataset_of, ended, epoch, launched
from webapp.datasets.models import Dataset
from webapp.evaluations.models import Evaluation
from webapp.experiments import actions, summaries
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job, Node
from webapp.ops.overview import Asked, finished, moving


@pytest.fixture
def dataset(owner: Any) -> Dataset:
    return dataset_of(owner)


def done(user: Any, dataset: Dataset, name: str, top1: float = 0.5, f1: float = 0.4) -> Experiment:
    """A finished training with those test figures."""
    experiment = ended(launched(user, name, dataset))
    Experiment.objects.filter(pk=experiment.pk).update(
        test_top1=top1, test_images=100, test_f1=f1, curves={"train_loss": [2.0, 1.0], "val_top1": [0.1, 0.5]}
    )
    return experiment


def names(answer: Any) -> list[str]:
    return [row.title for row in answer.context["finished"]["rows"]]


def test_a_finished_experiment_shows_its_figures_and_its_curve(dataset, owner, signed_in):
    done(owner, dataset, "First", 0.913, 0.8765)
    page = signed_in(owner).get("/").content.decode()
    assert "91.3 %" in page and "0.877" in page and "<polyline" in page and "small_cnn" in page


@pytest.mark.parametrize(
    ("sort", "first"), [("ended", "Second"), ("name", "First"), ("top1", "First"), ("f1", "Second"), ("nonsense", "Second")]
)
def test_finished_ones_stand_in_the_asked_order(sort, first, dataset, owner, signed_in):
    done(owner, dataset, "First", 0.9, 0.1)
    done(owner, dataset, "Second", 0.8, 0.2)
    assert names(signed_in(owner).get("/", {"sort": sort}))[0] == first


def test_the_order_is_told_to_screen_readers_and_kept_by_other_links(dataset, owner, signed_in):
    done(owner, dataset, "First")
    page = signed_in(owner).get("/?sort=top1&who=mine").content.decode()
    assert 'aria-sort="descending"' in page and "/?who=mine&amp;sort=f1" in page


@pytest.mark.parametrize(("kind", "titles"), [("train", ["First"]), ("evaluate", ["First"]), ("import", ["Animals"]), ("", ["First"])])
def test_a_kind_shows_what_is_of_it(kind, titles, dataset, owner, signed_in):
    experiment = done(owner, dataset, "First")
    job = jobs.submit(team=experiment.team, user=owner, kind="evaluate", title="First: last on test")
    Evaluation.objects.create(
        experiment=experiment,
        version=experiment.version,
        job=job,
        split="test",
        checkpoint="last",
        team=experiment.team,
        result={"top1": 0.5},
    )
    jobs.finish(jobs.claim(job.id, "device@here:1"))
    for sort in finished.ORDERS:
        assert names(signed_in(owner).get("/", {"kind": kind, "sort": sort})) == titles


def test_words_find_by_name_in_every_table(dataset, owner, signed_in):
    done(owner, dataset, "Oak")
    launched(owner, "Birch", dataset)
    answer = signed_in(owner).get("/", {"q": "birc"})
    assert not names(answer) and [row.job.title for row in answer.context["moving"]["rows"]] == ["Birch"]


def test_mine_holds_for_what_waits_too(dataset, owner, editor, signed_in):
    launched(owner, "Hers", dataset)
    assert not signed_in(editor).get("/?who=mine").context["moving"]["rows"]


@pytest.mark.parametrize("query", ["kind=x", "q=%00", "sort=name__x", "moving=created_by__password", "who=all"])
def test_what_is_not_understood_asks_nothing(query, dataset, owner, signed_in):
    done(owner, dataset, "First")
    assert names(signed_in(owner).get(f"/?{query}")) == ["First"]


@pytest.mark.parametrize("order", list(moving.ORDERS))
def test_what_moves_stands_in_every_order_that_is_offered(order, dataset, owner, signed_in):
    first, _ = launched(owner, "A", dataset), launched(owner, "B", dataset)
    jobs.claim(first.job_id, "device@here:1")
    rows = signed_in(owner).get("/", {"moving": order}).context["moving"]["rows"]
    assert [row.job.title for row in rows] == ["A", "B"]


def test_a_running_training_shows_loss_and_accuracy_as_lines(dataset, owner, signed_in):
    experiment = launched(owner, "First", dataset)
    jobs.claim(experiment.job_id, "device@here:1")
    for number in (1, 2, 3):
        actions.record_epoch(experiment.id, epoch(number, val_top1=0.2 * number))
    assert signed_in(owner).get("/").content.decode().count("<polyline") == 2


def test_a_waiting_job_says_when_it_starts(dataset, owner, signed_in):
    Node.objects.create(name="device@here", role="device", host="here")
    first, _ = launched(owner, "A", dataset), launched(owner, "B", dataset)
    jobs.claim(first.job_id, "device@here:1")
    Job.objects.filter(pk=first.job_id).update(eta_seconds=90)
    assert "starts about" in signed_in(owner).get("/").content.decode()


def test_more_rows_lead_to_the_full_list_with_the_same_filters(dataset, owner, signed_in, monkeypatch):
    monkeypatch.setattr(finished, "MOST_ROWS", 1)
    done(owner, dataset, "First")
    done(owner, dataset, "Second")
    client = signed_in(owner)
    address = client.get("/?who=mine&sort=top1").context["finished"]["all"]
    listed = client.get(address)
    assert listed.context["mine"] and listed.context["state"] == "done" and listed.context["sort"] == "test"


def test_a_failed_evaluation_needs_somebody_until_its_experiment_is_in_the_trash(dataset, owner, actor_of, signed_in):
    experiment = done(owner, dataset, "First")
    job = jobs.submit(team=experiment.team, user=owner, kind="evaluate", title="First: last on test")
    Evaluation.objects.create(
        experiment=experiment, version=experiment.version, job=job, split="test", checkpoint="last", team=experiment.team
    )
    jobs.fail(jobs.claim(job.id, "device@here:1"), "The checkpoint is gone.", "gone", retry=False)
    client = signed_in(owner)
    assert "The checkpoint is gone." in client.get("/").content.decode()
    actions.delete(actor_of(owner), experiment)
    assert "The checkpoint is gone." not in client.get("/").content.decode()


def test_a_failure_that_was_tried_again_needs_nobody(dataset, owner, actor_of, signed_in):
    failed = ended(launched(owner, "First", dataset), "failed")
    actions.retry(actor_of(owner), failed)
    assert not signed_in(owner).get("/").context["needs"]["rows"]


def needed(client, address="/") -> list[str]:
    return [need.title for need in client.get(address).context["needs"]["rows"]]


def failing(owner, dataset, *names):
    return [ended(launched(owner, name, dataset), "failed") for name in names]


def leaking(dataset):
    Dataset.objects.filter(pk=dataset.pk).update(problem_rules={"leak": 2}, problem_count=2)
    return dataset


def test_findings_keep_their_place_beside_many_failures(dataset, owner, signed_in):
    failing(owner, leaking(dataset), "A", "B", "C", "D")
    assert needed(signed_in(owner)) == ["D", "C", "B", dataset.name]


def test_the_link_below_leads_to_all_that_needs_somebody(dataset, owner, signed_in):
    failing(owner, dataset, "A", "B", "C", "D")
    client = signed_in(owner)
    assert 'href="/?all=needs#needs"' in client.get("/").content.decode()
    assert needed(client, "/?all=needs")[:4] == ["D", "C", "B", "A"]


@pytest.mark.parametrize(("order", "first"), [("state", "B"), ("name", "A"), ("when", "B")])
def test_what_needs_somebody_is_ordered_by_each_column(dataset, owner, signed_in, order, first):
    failing(owner, dataset, "A", "B")
    page = signed_in(owner).get(f"/?needs={order}")
    assert page.context["needs"]["rows"][0].title == first
    assert f"?needs={order}" in page.content.decode() or order == "state"


def test_findings_that_are_left_as_they_are_need_nobody(dataset, owner, signed_in):
    client = signed_in(owner)
    assert needed(client)[0] == leaking(dataset).name
    client.post(f"/datasets/{dataset.id}/problems/leave/")
    assert client.get("/").context["needs"]["rows"] == []


def test_failures_that_are_ticked_go_to_the_trash(dataset, owner, signed_in):
    failed, kept = failing(owner, dataset, "A", "B")
    client = signed_in(owner)
    assert f'name="experiment" value="{failed.id}"' in client.get("/").content.decode()
    client.post("/trash/move/", {"experiment": [failed.id]})
    assert needed(client)[0] == kept.name and "A" not in needed(client)


def test_a_failed_evaluation_that_is_ticked_is_deleted_and_one_with_a_result_stays(dataset, owner, signed_in):
    experiment = done(owner, dataset, "First")
    job = jobs.submit(team=experiment.team, user=owner, kind="evaluate", title="First: last on test")
    made = {"experiment": experiment, "version": experiment.version, "split": "test", "team": experiment.team}
    failed = Evaluation.objects.create(job=job, checkpoint="last", **made)
    good = Evaluation.objects.create(job=experiment.job, checkpoint="best", result={"n": 4}, **made)
    jobs.fail(jobs.claim(job.id, "device@here:1"), "The checkpoint is gone.", "gone", retry=False)
    assert "which asks first" in signed_in(owner).post("/trash/move/", {"evaluation": [failed.id]}, follow=True).content.decode()
    assert Evaluation.objects.count() == 2
    page = (
        signed_in(owner).post("/trash/move/", {"evaluation": [failed.id, good.id, "0" * 20], "sure": "yes"}, follow=True).content.decode()
    )
    assert "1 evaluation without a result deleted for good." in page
    assert "has a result, which stays" in page and "is not there any more" in page
    assert list(Evaluation.objects.all()) == [good]


def test_many_failed_evaluations_cost_no_query_each(dataset, owner, signed_in):
    experiment = done(owner, dataset, "First")
    made = {"experiment": experiment, "version": experiment.version, "split": "test", "team": experiment.team}

    def fail(number: int) -> None:
        job = jobs.submit(team=experiment.team, user=owner, kind="evaluate", title=f"First: epoch {number} on test")
        Evaluation.objects.create(job=job, checkpoint=str(number), **made)
        jobs.fail(jobs.claim(job.id, "device@here:1"), "The checkpoint is gone.", "gone", retry=False)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert "The checkpoint is gone." in signed_in(owner).get("/?all=needs").content.decode()
        return len(counted)

    fail(1)
    one = queries()
    for number in range(2, 8):
        fail(number)
    assert queries() == one


def test_only_those_who_may_delete_can_tick_rows(dataset, owner, viewer, signed_in):
    experiment = done(owner, dataset, "First")
    box = f'name="experiment" value="{experiment.id}"'
    assert box in signed_in(owner).get("/").content.decode()
    assert box not in signed_in(viewer).get("/").content.decode()


def test_datasets_have_rows_to_tick_for_an_owner_alone(dataset, owner, viewer, signed_in):
    assert "data-bulk-bar" in signed_in(owner).get("/datasets/").content.decode()
    assert "data-bulk-bar" not in signed_in(viewer).get("/datasets/").content.decode()


def test_experiments_are_ticked_to_compare_by_all_and_to_delete_by_an_owner_alone(dataset, owner, viewer, signed_in):
    done(owner, dataset, "First")
    bars = [signed_in(user).get("/experiments/").content.decode().split("data-bulk-bar")[1] for user in (owner, viewer)]
    assert [("Compare" in bar, "Delete" in bar) for bar in bars] == [(True, True), (True, False)]


def test_a_filter_of_the_page_puts_its_address_right(dataset, owner, signed_in):
    headers = {"HX-Request": "true", "HX-Trigger": "home-filters"}
    answer = signed_in(owner).get("/?who=mine&kind=&q=a+b&sort=ended", headers=headers)
    assert answer.headers["HX-Replace-Url"] == "/?who=mine&q=a+b" and b"<html" not in answer.content


def test_many_rows_take_no_more_queries_than_few(dataset, owner, signed_in, django_assert_num_queries):
    client = signed_in(owner)

    def fill(number: int) -> None:
        done(owner, dataset, f"Done {number}")
        ended(launched(owner, f"Failed {number}", dataset), "failed")
        jobs.claim(launched(owner, f"Runs {number}", dataset).job_id, f"device@here:{number}")
        launched(owner, f"Waits {number}", dataset)

    fill(0)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for number in range(1, 5):
        fill(number)
    with django_assert_num_queries(len(few)):
        client.get("/")


def test_a_finished_training_keeps_its_figures_on_its_row(dataset, owner, tmp_path):
    history = [{"epoch": number, "train_loss": 1 / number, "val_top1": number / 200} for number in range(1, 101)]
    test = {"top1": 0.75, "n": 8, "per_class": [{"f1": 0.5}, {"f1": 1.0}, {"f1": None}]}
    kept = summaries.kept({"best_epoch": 100, "history": history, "test": test, "config": {"epochs": 100}})
    assert (kept["test_top1"], kept["test_images"], kept["test_f1"], kept["best_top1"]) == (0.75, 8, 0.75, 0.5)
    assert len(kept["curves"]["val_top1"]) == summaries.CURVE_POINTS and kept["curves"]["val_top1"][-1] == 0.5


def test_asking_reads_back_what_it_wrote():
    asked = Asked.of({"who": "mine", "kind": "train", "q": " a ", "sort": "f1"})
    assert asked.address() == "/?who=mine&kind=train&q=a&sort=f1" and Asked().address() == "/"

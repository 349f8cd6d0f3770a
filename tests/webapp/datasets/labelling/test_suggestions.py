"""What a trained network suggests is asked for as a job, and gone through by people, the least certain first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from classifier.spec.errors import InputError
from classifier.spec.suggestions import RECORD
from tests.webapp.datasets.drafts.test_changing import says
from tests.webapp.datasets.labelling.conftest import figures, positions
from webapp.accounts.actor import Actor
from webapp.api.errors import ApiError
from webapp.api.retrying import retried
from webapp.datasets import drafts, hooks, labelling, removing, suggested
from webapp.datasets.history import steps
from webapp.datasets.hooks import Network
from webapp.datasets.labelling import sources, suggesting
from webapp.datasets.models import Dataset, DatasetVersion, LabelRound, Suggesting
from webapp.experiments import networks
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job

# position, class, probability; position 20 is the least certain, then 3, …
SAID = [(20, 0, 0.34), (3, 1, 0.5), (0, 2, 0.625), (9, 1, 0.75), (1, 0, 1.0)]
NET = Network("net-0000000000000001", "First", "Animals, 93.4 % of its validation images", Path("/nowhere"))


@pytest.fixture(autouse=True)
def net(monkeypatch: Any) -> None:
    """The team has one trained network."""
    monkeypatch.setattr(hooks, "networks", lambda team: [NET])


@pytest.fixture
def asked(actor: Actor, version: DatasetVersion) -> Suggesting:
    return suggesting.start(actor, version, NET.id)


@pytest.fixture
def told(asked: Suggesting) -> Suggesting:
    """Suggestions that came, of five images."""
    asked.folder.mkdir(parents=True)
    asked.file.write_bytes(b"".join(RECORD.pack(*row) for row in SAID))
    event = {"images": len(SAID), "classes": ["ant", "bee", "cow"]}
    jobs.finish(jobs.claim(asked.job_id, "device@here:1"), also=lambda: suggested.finished(asked, event))
    asked.refresh_from_db()
    return asked


@pytest.fixture
def client(owner: Any, signed_in: Any) -> Client:
    return signed_in(owner)


def page(client: Client, dataset: Dataset) -> str:
    return client.get(reverse("datasets:label", args=[dataset.id])).content.decode()


def begin(client: Client, dataset: Dataset, told: Suggesting, label: str = "") -> LabelRound:
    client.post(reverse("datasets:label-start", args=[dataset.id]), {"suggesting": told.id, "label": label})
    return LabelRound.objects.latest("id")


def test_asking_twice_queues_one_job(actor: Actor, version: DatasetVersion, asked: Suggesting) -> None:
    assert suggesting.start(actor, version, NET.id) == asked
    assert (asked.job.kind, asked.job.queue, asked.source_name) == ("suggest", "device", "First")


def test_a_job_that_failed_is_asked_for_anew_on_its_page(actor: Actor, asked: Suggesting) -> None:
    jobs.fail(jobs.claim(asked.job_id, "device@here:1"), "The disk is full.", "disk", retry=False)
    with pytest.raises(ApiError, match="ask for new ones on the dataset's Label page"):
        retried(actor, Job.objects.get(pk=asked.job_id))


def test_a_network_that_is_none_of_the_teams_suggests_nothing(actor: Actor, version: DatasetVersion) -> None:
    with pytest.raises(InputError, match="There is no such trained network"):
        suggesting.start(actor, version, "another")
    assert not Suggesting.objects.exists()


def test_images_come_the_least_certain_first_with_what_is_suggested(client: Client, dataset: Dataset, told: Suggesting) -> None:
    made = begin(client, dataset, told)
    assert (made.name, made.images) == ("Suggested by First", 5)
    said = client.post(reverse("datasets:round-next", args=[dataset.id, made.id])).json()["items"]
    assert [item["path"] for item in said] == ["cow/004.png", "ant/003.png", "ant/000.png", "bee/001.png", "ant/001.png"]
    assert [item["suggested"]["sure"] for item in said] == ["34 %", "50 %", "62 %", "75 %", "100 %"]
    assert said[0]["suggested"]["name"] == "ant" and said[0]["was"] == "cow"


def test_an_accepted_suggestion_stands_in_the_history_with_the_network(actor: Actor, dataset: Dataset, told: Suggesting) -> None:
    made = labelling.start_suggested(actor, dataset, told)
    items = labelling.hand_out(actor, made).items
    labelling.answer(actor, made, items[0].pk, "ant")
    labelling.answer(actor, made, items[1].pk, "cow")
    assert says(dataset) == {20: (0, None, False), 3: (2, None, False)}
    assert steps(dataset, 20)[-1].why == "Suggested by First · accepted ant with 34 %"
    assert steps(dataset, 3)[-1].why == "Suggested by First · suggested bee with 50 %"


def test_a_suggestion_that_the_label_agrees_with_is_confirmed(actor: Actor, dataset: Dataset, told: Suggesting) -> None:
    made = labelling.start_suggested(actor, dataset, told)
    item = next(item for item in labelling.hand_out(actor, made).items if item.position == 9)
    labelling.answer(actor, made, item.pk, "bee")
    assert drafts.current(dataset) is None and steps(dataset, 9)[-1].words == "confirmed bee"


def test_one_class_alone_is_gone_through(actor: Actor, dataset: Dataset, told: Suggesting, monkeypatch: Any) -> None:
    monkeypatch.setattr(sources, "SUGGESTED_ROWS", 2)
    made = labelling.start_suggested(actor, dataset, told, label="ant")
    assert made.name == "Suggested by First, ant" and positions(actor, made) == [3, 0, 1] and figures(made) == (0, 0, 0)


def test_what_somebody_labelled_meanwhile_is_passed_over(actor: Actor, dataset: Dataset, told: Suggesting) -> None:
    drafts.change(actor, dataset, [20], label="bee")
    made = labelling.start_suggested(actor, dataset, told)
    assert positions(actor, made) == [3, 0, 9, 1] and figures(made) == (0, 0, 1)


def test_suggestions_of_an_older_version_are_still_good(actor: Actor, dataset: Dataset, told: Suggesting, seal: Any) -> None:
    drafts.change(actor, dataset, [3], removed=True)
    seal()
    made = labelling.start_suggested(actor, dataset, suggested.done(dataset)[0])
    assert positions(actor, made) == [20, 0, 9, 1]


def test_a_file_that_is_gone_ends_the_round(actor: Actor, dataset: Dataset, told: Suggesting) -> None:
    made = labelling.start_suggested(actor, dataset, told)
    told.file.unlink()
    assert labelling.hand_out(actor, made) == ([], False)


def test_suggestions_that_are_not_there_yet_begin_no_round(actor: Actor, dataset: Dataset, asked: Suggesting) -> None:
    with pytest.raises(InputError, match="not there yet"):
        labelling.start_suggested(actor, dataset, asked)


def test_the_page_offers_networks_shows_how_far_the_job_is_and_what_came(
    client: Client, dataset: Dataset, version: DatasetVersion, actor: Actor
) -> None:
    assert "First (Animals, 93.4 % of its validation images)" in page(client, dataset)
    client.post(reverse("datasets:suggest", args=[dataset.id]), {"network": NET.id})
    made = Suggesting.objects.get()
    html = page(client, dataset)
    assert "First looks at every image" in html and "Suggest labels" not in html
    assert client.get(reverse("datasets:suggest-status", args=[dataset.id])).status_code == 200
    jobs.fail(jobs.claim(made.job_id, "device@here:1"), "The disk is full.", "disk", retry=False)
    assert client.get(reverse("datasets:suggest-status", args=[dataset.id])).headers["HX-Refresh"] == "true"
    html = page(client, dataset)
    assert "No suggestions came." in html and "The disk is full." in html and "Suggest labels" in html


def test_the_page_lists_what_came(client: Client, dataset: Dataset, told: Suggesting) -> None:
    html = page(client, dataset)
    assert "5 images of version 1" in html and "Label what First suggests" in html


def test_without_a_network_the_page_says_how_to_come_by_one(client: Client, dataset: Dataset, monkeypatch: Any) -> None:
    monkeypatch.setattr(hooks, "networks", lambda team: [])
    assert "seal them as a version and train on it" in page(client, dataset)


def test_of_many_suggestions_the_newest_are_kept_and_those_of_open_rounds(
    actor: Actor, dataset: Dataset, told: Suggesting, monkeypatch: Any
) -> None:
    monkeypatch.setattr(suggested, "KEPT", 1)
    made = labelling.start_suggested(actor, dataset, told)
    later = [finished_now(suggesting.start(actor, told.version, NET.id)) for _ in range(2)]
    suggested.forget_older(later[-1])
    assert set(Suggesting.objects.values_list("pk", flat=True)) == {told.pk, later[-1].pk} and told.file.exists()
    labelling.close(actor, made)
    suggested.forget_older(later[-1])
    assert list(Suggesting.objects.values_list("pk", flat=True)) == [later[-1].pk] and not told.file.exists()
    assert not Job.objects.filter(pk=told.job_id).exists()


def finished_now(asked: Suggesting) -> Suggesting:
    jobs.finish(jobs.claim(asked.job_id, "device@here:1"))
    return asked


def test_a_dataset_that_goes_for_good_takes_its_suggestions_along(actor: Actor, dataset: Dataset, told: Suggesting) -> None:
    labelling.hand_out(actor, labelling.start_suggested(actor, dataset, told))
    removing.delete(actor, dataset)
    removing.purge(Dataset.everything.get(pk=dataset.pk), actor)
    while not removing.finish(Dataset.everything.get(pk=dataset.pk)):
        pass
    assert not Suggesting.objects.exists() and not LabelRound.objects.exists() and not Job.objects.filter(pk=told.job_id).exists()


def test_the_jobs_page_names_no_suggestions_of_a_dataset_in_the_trash(
    client: Client, actor: Actor, dataset: Dataset, told: Suggesting
) -> None:
    assert "Suggestions of First for Animals" in client.get("/queue/").content.decode()
    removing.delete(actor, dataset)
    assert "Suggestions of First for Animals" not in client.get("/queue/").content.decode()


def test_the_teams_trained_experiments_are_its_networks() -> None:
    assert "webapp.experiments.networks.networks" in hooks.networks_from and callable(networks.networks)

"""The form's search for a learning rate: a job like a training's, one a person, looked at until it ends."""

from __future__ import annotations

import pytest

from classifier.spec.config import TrainConfig
from tests.webapp.experiments.kit import dataset_of
from tests.webapp.together import outcomes
from webapp.api.errors import ApiError
from webapp.api.retrying import retried
from webapp.core.ids import new_id
from webapp.datasets import actions as datasets
from webapp.datasets.models import Dataset
from webapp.experiments import searches
from webapp.experiments.forms import LaunchForm
from webapp.experiments.models import RateSearch
from webapp.experiments.rate_charts import rates
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from webapp.jobs.queries import outside_trash
from webapp.ops.purging import carry_on

CURVE = [{"rate": 10.0**power, "loss": 2.0 + abs(power + 2)} for power in range(-5, 1)]


@pytest.fixture
def dataset(editor):
    return dataset_of(editor)


@pytest.fixture
def ask(signed_in, editor, dataset, actor_of):
    """What the form gets when it asks, for some values and the others as it opens."""
    client, texts = signed_in(editor), LaunchForm.starting(actor_of(editor), {}, dataset.id, "").texts
    return lambda **values: client.post("/experiments/rate/", {**texts, **values})


@pytest.fixture
def state(signed_in, viewer):
    """What is told of a search to a member who looks at it."""
    client = signed_in(viewer)
    return lambda search: client.get(f"/experiments/rate/{search.pk}/").json()


def ended(search, suggested=0.001):
    """The search after its end."""
    claim = jobs.claim(search.job_id, "device@here:1")
    jobs.finish(claim, also=lambda: searches.found(search.pk, {"suggested": suggested, "curve": CURVE}))


def test_a_search_waits_in_the_queue_of_the_devices_with_the_values_of_the_form(ask, pokes):
    answer = ask(model="resnet18", batch_size="16")
    search = RateSearch.objects.get()
    assert answer.status_code == 202 and answer.json()["id"] == search.pk and answer.json()["live"]
    assert (search.config["model"], search.config["batch_size"]) == ("resnet18", 16)
    assert (search.job.kind, search.job.queue, search.job.state) == ("find_lr", "device", "queued")


def test_it_says_its_place_in_line_how_far_it_is_and_what_it_found(ask, state, editor):
    jobs.submit(team=editor.memberships.get().team, user=editor, kind="train", title="Before it")
    ask()
    search = RateSearch.objects.get()
    assert state(search)["words"] == "It waits for a device, 2nd in line."
    claim = jobs.claim(search.job_id, "device@here:1")
    jobs.record(claim, [], progress=0.5, eta=12.0, stage="searching: 50 of 100 steps")
    told = state(search)
    assert told["words"] == "Searching: 50 of 100 steps, about 12 s left." and told["progress"] == 0.5
    jobs.finish(claim, also=lambda: searches.found(search.pk, {"suggested": 0.001, "curve": CURVE}))
    told = state(search)
    assert not told["live"] and told["suggested"] == "0.001" and "Suggested: 0.001" in told["words"]
    assert told["figure"]["layout"]["xaxis"]["type"] == "log" and told["figure"]["data"][1]["x"] == [point["rate"] for point in CURVE]


def test_the_suggestion_is_marked_on_the_curve():
    mark, _, dot = rates(CURVE, 0.001)["data"]
    assert mark["x"] == [0.001, 0.001] and dot["x"] == [0.001] and dot["y"] == [3.0]
    assert "suggested 0.001" in rates(CURVE, 0.001)["layout"]["meta"]["summary"]


def test_a_failed_search_says_why(ask, state):
    ask()
    search = RateSearch.objects.get()
    jobs.fail(jobs.claim(search.job_id, "device@here:1"), "The loss was no number.", "nan_loss", retry=False)
    assert state(search) | {"id": ""} == {"id": "", "live": False, "progress": 0.0, "words": "The loss was no number."}


def test_the_same_search_asked_for_twice_is_one(ask):
    assert ask().json()["id"] == ask().json()["id"] and RateSearch.objects.count() == 1


def test_another_one_cancels_the_first_for_a_person_has_one_at_a_time(ask):
    first = ask().json()["id"]
    second = ask(batch_size="32").json()["id"]
    assert first != second and RateSearch.objects.get(pk=first).job.state == "cancelled"


def test_the_form_goes_on_following_a_search_after_it_was_loaded_anew(ask, signed_in, editor, dataset, owner):
    id = ask().json()["id"]
    form = f"/experiments/new/?dataset={dataset.pk}"
    assert f'data-running="{id}"' in signed_in(editor).get(form).content.decode()
    assert 'data-running=""' in signed_in(owner).get(form).content.decode()  # it is the person's own
    ended(RateSearch.objects.get())
    assert 'data-running=""' in signed_in(editor).get(form).content.decode()


def test_old_searches_of_a_person_go_with_their_jobs(ask):
    for size in range(8, 8 + searches.KEPT + 3):
        ask(batch_size=str(size))
        ended(RateSearch.objects.first() if RateSearch.objects.count() == 1 else RateSearch.objects.order_by("-id").first())
    assert RateSearch.objects.count() <= searches.KEPT + 1
    assert Job.objects.filter(kind="find_lr").count() == RateSearch.objects.count()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"epochs": "0"}, "Epochs: Must be a whole number"),
        ({"rotate": "900"}, "Rotation, up to: Must be"),
        ({"name": "x" * 500}, "Name: Must have"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_queued(ask, values, words):
    answer = ask(**values)
    assert answer.status_code == 422 and words in answer.json()["error"] and not RateSearch.objects.exists()


def test_a_dataset_in_the_archive_is_refused(ask, dataset):
    dataset.archived_at = dataset.job.queued_at
    dataset.save()
    assert "archived" in ask().json()["error"] and not RateSearch.objects.exists()


def test_a_waiting_search_is_cancelled(ask, signed_in, editor):
    told = signed_in(editor).post(f"/experiments/rate/{ask().json()['id']}/cancel/").json()
    assert not told["live"] and told["words"] == "Cancelled; nothing was found."


def test_an_outsider_and_a_random_id_get_the_same_404(ask, signed_in, outsider, dataset):
    id, client = ask().json()["id"], signed_in(outsider)
    assert {client.get(f"/experiments/rate/{one}/").status_code for one in (id, new_id(), "x")} == {404}
    assert client.post("/experiments/rate/", {"dataset": dataset.pk}).status_code == 404


def test_it_is_not_tried_again_but_asked_for_anew(ask, actor_of, editor):
    ask()
    search = RateSearch.objects.get()
    jobs.request_cancel(search.job)
    search.job.refresh_from_db()
    with pytest.raises(ApiError, match="ask for a new one"):
        retried(actor_of(editor), search.job)


def test_home_and_queue_show_searches_in_every_state(ask, signed_in, editor):
    client = signed_in(editor)
    for state in ("queued", "running", "failed", "cancelled"):
        ask(batch_size=str(10 + len(state)))
        Job.objects.filter(kind="find_lr").update(state=state, title="Learning rate of small_cnn")
        assert {client.get(page).status_code for page in ("/", "/queue/")} == {200}
    assert "search for a learning rate" in client.get("/queue/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_search(editor, dataset, actor_of):
    version, actor = dataset.versions.get(), actor_of(editor)
    made = outcomes(*[lambda: searches.start(actor, version, TrainConfig(epochs=2)).pk] * 3)
    assert len(set(made)) == 1 == RateSearch.objects.count() == Job.objects.filter(kind="find_lr").count()


@pytest.mark.django_db(transaction=True)
def test_of_two_different_ones_at_once_one_goes_on(editor, dataset, actor_of):
    version, actor = dataset.versions.get(), actor_of(editor)
    outcomes(*[lambda size=size: searches.start(actor, version, TrainConfig(batch_size=size)).pk for size in (8, 16, 32)])
    assert Job.objects.filter(kind="find_lr").exclude(state="cancelled").count() == 1


def test_a_search_on_a_dataset_that_is_deleted_is_cancelled_and_in_no_list(ask, dataset, owner, actor_of, signed_in):
    ask()
    datasets.delete(actor_of(owner), dataset)
    job = RateSearch.objects.get().job
    assert job.state == "cancelled" and "Learning rate of" not in signed_in(owner).get("/queue/").content.decode()
    assert not outside_trash(Job.objects.filter(kind="find_lr")).exists()


def test_a_dataset_that_goes_for_good_takes_its_searches_and_their_jobs_along(ask, dataset, owner, actor_of):
    ask()
    datasets.delete(actor_of(owner), dataset)
    datasets.purge(Dataset.everything.get(), actor_of(owner))
    carry_on()
    assert not Dataset.everything.exists() and not RateSearch.objects.exists() and not Job.objects.exists()


def test_no_image_goes_while_a_search_still_reads_it(ask, dataset, owner, actor_of):
    ask()
    claim = jobs.claim(RateSearch.objects.get().job_id, "device@here:1")
    datasets.delete(actor_of(owner), dataset)
    datasets.purge(Dataset.everything.get(), actor_of(owner))
    carry_on()
    assert jobs.look(claim).cancel and Dataset.everything.exists() and RateSearch.objects.exists()
    jobs.cancelled(claim)
    carry_on(60)
    assert not Dataset.everything.exists() and not RateSearch.objects.exists()


def test_the_configuration_of_a_search_is_one_that_trains(ask):
    ask(weights="", learning_rate="0.01")
    assert TrainConfig.from_mapping(RateSearch.objects.get().config).learning_rate == 0.01

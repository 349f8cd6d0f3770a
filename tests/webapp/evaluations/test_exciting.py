"""Which validation images excite a filter the most: the part of the layers' page, the button, the API, and what erasing takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from classifier.metrics import excited
from classifier.spec.errors import InputError
from tests.webapp.calls import PART, called
from tests.webapp.evaluations.test_erasing import erased, measured  # noqa: F401 (a fixture)
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets.models import Sample, Split
from webapp.evaluations.exciting import erasing, reading
from webapp.evaluations.studies import actions
from webapp.evaluations.study_models import Study, What
from webapp.experiments import checkpoints
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job

LAYER = "features.0.0"


@pytest.fixture
def editing(editor: User, actor_of: Callable[[User], Actor]) -> Actor:
    return actor_of(editor)


def looked(study: Study) -> Study:
    """By the engine, as a worker has it done."""
    from classifier.explain.exciting import excite

    name = f"filters-{study.pk}-1"
    event = excite(study.experiment.folder, out=study.experiment.folder / name, checkpoint=study.checkpoint, raw=study.raw, device="cpu")
    jobs.finish(jobs.claim(study.job_id, "device@here:1"), also=lambda: actions.finished(study, event, name))
    study.refresh_from_db()
    return study


@pytest.fixture
def study(measured: Experiment, editing: Actor) -> Study:  # noqa: F811
    return looked(actions.look_at_filters(editing, measured))


def files_of(study: Study) -> list[str]:
    return sorted(path.name for path in study.experiment.folder.glob(f"{study.files}.*"))


def test_files_of_an_earlier_look_go_with_its_row_and_stay_where_that_does(
    study: Study, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    kept = files_of(study)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.forget([study])
        _ = 1 / 0
    assert Study.everything.filter(pk=study.pk).exists() and files_of(study) == kept != []
    with django_capture_on_commit_callbacks(execute=True):
        actions.forget([study])
        assert files_of(study) == kept  # until that is committed
    assert not Study.everything.exists() and files_of(study) == []


def part(client: Client, experiment: Experiment, **query: Any) -> str:
    answer = client.get(reverse("experiments:filter-images", args=[experiment.pk]), {"layer": LAYER, "filter": 0, **query}, headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_images_stand_there_with_their_values_the_strongest_first(visitor, study):
    told = part(visitor, study.experiment, filter=3)
    found = reading.of_filter(study, LAYER, 3)
    values = [tile["value"] for tile in found.tiles]
    validation = set(Sample.objects.filter(version=study.version, split=Split.VALIDATION).values_list("position", flat=True))
    assert values == sorted(values, reverse=True) and {tile["position"] for tile in found.tiles} <= validation
    assert len(values) == min(9, len(validation)) == told.count("<svg") and told.count("excite__mark") == len(values)
    assert f"Filter 3, strongest first, of {len(validation)} validation images, as the network of epoch" in told
    assert [tile["path"] for tile in found.tiles] == re.findall(r'title="(==\d\.png|\w+/==\d\.png)"', told)


def test_an_image_leads_to_what_the_layer_makes_of_it(visitor, study):
    first = reading.of_filter(study, LAYER, 0).tiles[0]
    told = part(visitor, study.experiment, of="somewhere", version="9", position="4")
    tiles = told.split("<li", 1)[1]
    assert f"layers/?position={first['position']}&amp;checkpoint=best&amp;layer={LAYER}" in tiles and "somewhere" not in tiles


def test_a_layer_without_places_frames_none(visitor, study):
    told = part(visitor, study.experiment, layer="head", filter=1)
    assert "excite__mark" not in told and "This layer has no places" in told


def test_a_frame_stands_around_the_place(study):
    found = reading.of_filter(study, LAYER, 3)
    down, across = found.tiles[0]["place"]
    left, top, width, height = found.tiles[0]["frame"]
    grid = found.layer["grid"]
    assert left <= (across + 0.5) * 8 / grid[1] <= left + width and top <= (down + 0.5) * 8 / grid[0] <= top + height


def test_a_filter_that_gives_the_same_for_all_is_said_to(visitor, study):
    filters = excited.read(study.stem).filters.copy()
    filters["best"]["value"][0], filters["least"][0] = 0.0, 0.0
    excited.write_filters(study.stem, filters)
    told = part(visitor, study.experiment)
    assert "It gives 0 on every one of" in told and "<svg" not in told


def test_a_single_validation_image_is_shown_though_it_is_the_same_as_itself(visitor, study):
    whole = excited.read(study.stem)
    filters = whole.filters.copy()
    filters["least"] = filters["best"]["value"][:, 0]
    excited.write(study.stem, filters, whole.about | {"images": 1})
    told = part(visitor, study.experiment)
    assert "It gives" not in told and "<svg" in told


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"layer": "nothing"}, "Of the layer &#x27;nothing&#x27; nothing is known"),
        ({"filter": "99"}, "has the filters 0 to 31; 99 came"),
        ({"filter": "many"}, "must be a number from 0; many came"),
        ({"filter": "-1"}, "must be a number from 0; -1 came"),
        ({"filter": "9" * 30}, "must be a number from 0"),
        ({"checkpoint": "99"}, "Nobody has looked yet"),
        ({"layer": "x" * 5000, "filter": "\0"}, "must be a number from 0"),
    ],
)
def test_what_there_is_not_is_said(visitor, study, query, words):
    assert words in part(visitor, study.experiment, **query)


def test_a_name_that_the_database_refuses_is_not_looked_for(study, django_assert_num_queries):
    experiment = study.experiment
    with django_assert_num_queries(0):
        assert reading.newest(experiment, "be\0st", raw=False) is None


def test_files_that_are_gone_are_said_to_be(visitor, study):
    excited.remove(study.stem)
    assert "is not on this server any more" in part(visitor, study.experiment)


def test_before_a_look_an_editor_has_a_button_and_a_viewer_a_sentence(client, measured, editor, viewer):  # noqa: F811
    client.force_login(editor)
    assert "Look at the validation images" in part(client, measured)
    client.force_login(viewer)
    told = part(client, measured)
    assert "an editor of the team can" in told and "<button" not in told


def test_the_button_queues_the_look_and_the_part_looks_again_by_itself(visitor, measured):  # noqa: F811
    address = reverse("experiments:filter-images-ask", args=[measured.pk])
    told = visitor.post(address, {"layer": LAYER, "checkpoint": "best"}, headers=PART).content.decode()
    assert "Waiting, 1st in line" in told and "every 2s" in told
    made = Study.objects.get(what=What.FILTERS)
    assert (made.checkpoint, made.job.kind, made.job.queue) == ("best", "study", "device")
    visitor.post(address, {"checkpoint": "best"}, headers=PART)
    assert Study.objects.count() == 1
    looked(made)
    assert "every 2s" not in part(visitor, measured) and "strongest first" in part(visitor, measured)


def test_without_a_script_the_button_leads_back_to_the_layer(visitor, measured):  # noqa: F811
    answer = visitor.post(reverse("experiments:filter-images-ask", args=[measured.pk]), {"layer": LAYER})
    assert answer.status_code == 302 and answer["Location"].endswith(f"/layers/?checkpoint=best&layer={LAYER}")


def test_a_checkpoint_that_is_not_kept_is_refused_in_words(visitor, measured, editing):  # noqa: F811
    address = reverse("experiments:filter-images-ask", args=[measured.pk])
    assert "There is no checkpoint 99" in visitor.post(address, {"checkpoint": "99"}, headers=PART).content.decode()
    with pytest.raises(InputError, match="There is no checkpoint 99; there are best, last and those of epochs"):
        actions.look_at_filters(editing, measured, "99")
    assert not Study.objects.exists()


def test_an_opened_part_leads_to_the_page(visitor, measured):  # noqa: F811
    answer = visitor.get(reverse("experiments:filter-images", args=[measured.pk]), headers={"Accept": "text/html"})
    assert answer.status_code == 302 and "/layers/" in answer["Location"]


def test_one_that_failed_says_why_and_can_be_asked_for_again(visitor, measured, editing):  # noqa: F811
    made = actions.look_at_filters(editing, measured)
    jobs.fail(jobs.claim(made.job_id, "device@here:1"), "The dataset has no images in its validation split.", "invalid", retry=False)
    told = part(visitor, measured)
    assert "no images in its validation split" in told and "Look at the validation images" in told


def test_what_is_known_of_the_same_network_is_shown_under_each_of_its_names(study):
    epoch = str(checkpoints.entry(study.experiment, "best")["epoch"])
    assert reading.looked(study.experiment, epoch, raw=False) == study and reading.looked(study.experiment, "best", raw=True) is None


def test_what_is_known_of_an_earlier_network_is_not_shown_for_this_one(visitor, study):
    path = study.experiment.folder / "manifest.json"
    told = json.loads(path.read_text())
    for entry in told["checkpoints"]:
        entry["sha256"] = "0" * 64
    path.write_text(json.dumps(told))
    assert "Nobody has looked yet" in part(visitor, study.experiment)


def test_an_erased_image_excites_nothing_any_more(visitor, study):
    gone = erased(study.experiment, Split.VALIDATION)
    assert gone.position not in excited.read(study.stem).filters["best"]["position"]
    told = reading.of_filter(Study.objects.get(), LAYER, 0)
    assert told.tiles and gone.position not in [tile["position"] for tile in told.tiles]


def test_an_image_that_was_erased_meanwhile_is_forgotten_at_the_end(study):
    before = excited.read(study.stem).filters.copy()
    gone = erased(study.experiment, Split.VALIDATION)
    excited.write_filters(study.stem, before)
    study.version.refresh_from_db()
    erasing.forget_erased(study)
    assert gone.position in before["best"]["position"] and gone.position not in excited.read(study.stem).filters["best"]["position"]


def test_old_looks_go_with_their_files(study, editing, django_capture_on_commit_callbacks):
    for _ in range(actions.KEPT + 1):
        with django_capture_on_commit_callbacks(execute=True):
            made = actions.look_at_filters(editing, study.experiment)
        jobs.fail(jobs.claim(made.job_id, "device@here:1"), "No.", "x", retry=False)
    assert not Study.objects.filter(pk=study.pk).exists() and excited.read(study.stem) is None
    assert not Job.objects.filter(pk=study.job_id).exists()


def test_the_queue_leads_to_the_layers(visitor, measured, editing):  # noqa: F811
    actions.look_at_filters(editing, measured, "last")
    assert f"{reverse('experiments:layers', args=[measured.pk])}?checkpoint=last" in visitor.get(reverse("jobs:queue")).content.decode()


def test_a_viewer_sees_them_and_an_outsider_finds_nothing(client, study, viewer, outsider):
    for user, status in ((viewer, 200), (outsider, 404)):
        client.force_login(user)
        assert client.get(reverse("experiments:filter-images", args=[study.experiment_id]), headers=PART).status_code == status
        asked = client.post(reverse("experiments:filter-images-ask", args=[study.experiment_id]))
        assert asked.status_code == {200: 403, 404: 404}[status]


def test_the_api_tells_the_images_of_a_filter(client, editor, study):
    told = called(client, editor, "get", f"/experiments/{study.experiment_id}/layers/{LAYER}/filters/3/images").json()
    found = reading.of_filter(study, LAYER, 3)
    assert [one["position"] for one in told["best"]] == [tile["position"] for tile in found.tiles]
    assert (told["split"], told["images"], told["grid"]) == ("validation", study.result["images"], found.layer["grid"])
    assert len(told["best"][0]["frame"]) == 4 and told["best"][0]["image"].startswith("/datasets/")


def test_the_api_asks_for_a_look_and_tells_how_far_it_is(client, editor, measured):  # noqa: F811
    base = f"/experiments/{measured.pk}"
    assert called(client, editor, "get", f"{base}/filters").json()["id"] is None
    refused = called(client, editor, "get", f"{base}/layers/{LAYER}/filters/0/images")
    assert refused.status_code == 409 and "Nobody has looked yet" in refused.json()["error"]["message"]
    made = called(client, editor, "post", f"{base}/filters", data={"checkpoint": "last"}, content_type="application/json")
    assert made.status_code == 202 and Study.objects.get().checkpoint == "last"
    assert called(client, editor, "get", f"{base}/filters?checkpoint=last").json()["state"] == "queued"


@pytest.mark.parametrize(
    ("layer", "number", "words"), [("nothing", 0, "nothing is known"), (LAYER, 99, "0 to 31; 99 came"), (LAYER, -1, "-1")]
)
def test_the_api_refuses_in_words(client, editor, study, layer, number, words):
    answer = called(client, editor, "get", f"/experiments/{study.experiment_id}/layers/{layer}/filters/{number}/images")
    assert answer.status_code == 422 and words in answer.json()["error"]["message"]


def test_what_no_database_can_hold_is_no_checkpoint(client, visitor, editor, study):
    assert "strongest first" in part(visitor, study.experiment, checkpoint="best\0")
    base = f"/experiments/{study.experiment_id}"
    for path in (f"{base}/filters", f"{base}/layers/{LAYER}/filters/0/images"):
        answer = called(client, editor, "get", f"{path}?checkpoint=best%00")
        assert answer.status_code == 422 and "control characters" in answer.json()["error"]["fields"]["checkpoint"]

"""Maps of an evaluation's images: asked for, drawn, and what is shown of their points."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from django.db import connection

from classifier.metrics import embedding
from classifier.spec.errors import InputError
from webapp.datasets import drafts
from webapp.datasets.models import Draft, Sample, Split
from webapp.evaluations import erasing
from webapp.evaluations.models import EmbeddingMap, Evaluation
from webapp.evaluations.space import actions, reading, showing
from webapp.experiments import removing
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job


@pytest.fixture
def ask(signed_in, editor, evaluation):
    """A part of the map's page, as its script asks for it."""
    client = signed_in(editor)
    return lambda part, **fields: client.get(f"/evaluations/{evaluation.id}/map/{part}", fields)


def test_the_evaluated_images_are_drawn_at_once(ask, evaluation):
    told = ask("points/").json()
    rows = evaluation.scored
    assert told["source"] == "own" and told["method"] == "pca" and told["images"] == len(rows) == len(told["x"])
    assert told["position"] == rows["position"].tolist() and told["label"] == rows["label"].tolist()
    assert told["parts"] == [{"split": "test", "other": False, "shown": len(rows)}] and set(told["part"]) == {0}
    assert min(told["x"] + told["y"]) >= 0 and max(told["x"] + told["y"]) <= 10_000


def test_the_page_says_of_how_many_images_of_which_split(ask):
    page = ask("").content.decode()
    assert re.search(r"\d+ test images\. The two directions in which they differ most hold [\d.]+ % of their spread", page)
    assert "Look at the training images" in page and 'data-source="own"' in page


def test_a_map_that_is_being_made_can_be_cancelled_on_its_page(ask, signed_in, editor, evaluation):
    signed_in(editor).post(f"/evaluations/{evaluation.id}/map/compute/")
    address = f"/queue/jobs/{EmbeddingMap.objects.get().job_id}/cancel/"
    page = ask("").content.decode()
    assert f'action="{address}"' in page and '<b data-stage="queued">Waiting, 1st in line</b>' in page  # what the script goes on with
    signed_in(editor).post(address)
    assert "It was cancelled." in ask("").content.decode() and address not in ask("").content.decode()


def test_the_checkpoint_of_an_epoch_is_called_so(ask):
    Evaluation.objects.update(checkpoint="7")
    assert "<h1>Checkpoint of epoch 7 on test</h1>" in ask("").content.decode()


def test_of_the_chosen_images_those_that_were_taken_out_since_are_left_aside(signed_in, editor, evaluation):
    Sample.objects.filter(version=evaluation.version, position=1).update(position=900)
    address, headers = f"/datasets/{evaluation.version.dataset_id}/draft/change/", {"Accept": "application/json"}
    sent = {"positions": "1,2", "label": "red", "there": "1"}  # as the map's script does
    assert signed_in(editor).post(address, sent, headers=headers).status_code == 200
    assert list(Draft.objects.get().samples.values_list("position", flat=True)) == [2]
    refused = signed_in(editor).post(address, sent | {"positions": "1"}, headers=headers)
    assert refused.status_code == 409 and "none of these images any more" in refused.json()["error"]


def test_chosen_images_are_labelled_as_the_classes_that_there_are_now(ask, evaluation, editor, actor_of):
    assert '<option value="blue">blue</option>' in ask("").content.decode()
    drafts.rename_class(actor_of(editor), evaluation.version.dataset, "blue", "navy")
    page = ask("").content.decode()
    assert '<option value="navy">navy</option>' in page and '<option value="blue">' not in page


def test_the_first_two_directions_are_drawn_as_they_lie(evaluation):
    source = reading.source_of(evaluation)
    told = reading.drawn(evaluation, source, "pca")
    flat = source.found.values[:, :2].astype(np.float64)
    x, y = np.array(told["x"]), -np.array(told["y"])
    assert np.corrcoef(x, flat[:, 0])[0, 1] > 0.99 and np.corrcoef(y, flat[:, 1])[0, 1] > 0.99


def test_one_point_far_away_does_not_take_the_room_of_all():
    flat = np.random.default_rng(0).normal(size=(1000, 2))
    flat[0] = 1e5
    x, y = reading.placed(flat)
    assert np.percentile(x, 75) - np.percentile(x, 25) > 500 and (x[0], y[0]) == (x.max(), y.min())


@pytest.mark.parametrize("flat", [np.empty((0, 2)), np.zeros((1, 2)), np.ones((5, 2))])
def test_places_that_do_not_differ_are_drawn_too(flat):
    x, y = reading.placed(flat)
    assert len(x) == len(y) == len(flat) and set(x.tolist()) <= {0}


def test_a_map_has_the_training_images_and_both_ways_to_draw_them(ask, mapped):
    told = ask("points/", method="tsne").json()
    assert told["source"] == mapped.pk and told["method"] == "tsne" and told["images"] == 30
    assert [part["split"] for part in told["parts"]] == ["train", "validation", "test"]
    assert sum(part["shown"] for part in told["parts"]) == len(told["x"]) == 30
    flat = ask("points/", method="pca").json()
    assert flat["method"] == "pca" and "arranged" in told["words"] and "two directions" in flat["words"]
    assert ask("points/", method="umap").json()["method"] == "tsne"
    page = ask("").content.decode()
    assert "data-map-method" in page and "Look at the training images" not in page and "t-SNE" in page


def test_the_page_keeps_the_room_of_its_legend_before_that_comes(ask, mapped):
    page = ask("").content.decode()
    for part in ask("points/", method="tsne").json()["parts"]:
        assert f"{part['split']} ({part['shown']})</label>" in page
    assert 'class="map-legend-room" width="1" height="116"' in page  # of four lines, which is the most that three classes ever have
    assert page.count("How far groups lie apart says little.") == page.count("two directions in which they differ") == 1


@pytest.mark.parametrize(("classes", "room", "searched"), [(2, 116, False), (8, 228, False), (13, 288, False), (1000, 332, True)])
def test_the_legend_has_as_much_room_as_it_ever_takes(evaluation, monkeypatch, classes, room, searched):
    monkeypatch.setattr(type(evaluation), "classes", [f"class {number}" for number in range(classes)])
    told = showing.legend(evaluation, reading.source_of(evaluation), "pca")
    assert (told["room"], told["searched"], told["parts"]) == (room, searched, [])


def no_nul(execute, sql, params, many, context):
    """As PostgreSQL, which raises on it."""
    assert "\0" not in "".join(map(str, params or ()))
    return execute(sql, params, many, context)


@pytest.mark.parametrize("name", ["a\0b", "\0" * 20, "n" * 5000, "x"])
def test_a_map_of_a_name_that_no_map_has_is_not_there(ask, mapped, name):
    with connection.execute_wrapper(no_nul):
        assert [ask(part, of=name).status_code for part in ("points/", "tiles/", "point/")] == [404] * 3


def test_lassoed_points_show_their_images_in_the_order_asked_for(ask, evaluation):
    rows = evaluation.scored
    html = ask("tiles/", of="own", points="4,0,99999,x,-1,4").content.decode()
    assert re.findall(r'data-tile="(\d+)"', html) == ["4", "0"]
    image = Sample.objects.get(version=evaluation.version, position=rows["position"][4]).image
    assert f"/images/{image}/thumb" in html


def test_a_page_of_tiles_asks_the_database_once_for_each_dataset(evaluation, mapped, django_assert_max_num_queries):
    source = reading.source_of(evaluation)
    with django_assert_max_num_queries(4):
        assert len(reading.tiles(evaluation, source, range(30))) == 30


def test_one_point_shows_its_nearest_training_images(ask, evaluation, mapped):
    source = reading.source_of(evaluation)
    number = int(np.flatnonzero(source.found.points["row"] == 0)[0])
    html = ask("point/", of=mapped.pk, point=number).content.decode()
    near = reading.nearest(evaluation, source, number)
    train = set(Sample.objects.filter(version=evaluation.version, split=Split.TRAIN).values_list("position", flat=True))
    assert len(near) == 8 and {one.tile["position"] for one in near} <= train
    assert [one.likeness for one in near] == sorted((one.likeness for one in near), reverse=True)
    assert html.count("a training image") == 8 and f"Of {source.found.learnt} training images" in html


def test_a_measured_image_of_the_map_leads_to_its_page_and_a_training_image_to_its_file(ask, evaluation, mapped):
    points = reading.source_of(evaluation).found.points
    test, train = (int(np.flatnonzero(points["split"] == split)[0]) for split in (2, 0))
    html = ask("point/", of=mapped.pk, point=test).content.decode()
    assert html.count(f'href="/evaluations/{evaluation.id}/images/{points["row"][test]}/"') == 2
    html = ask("point/", of=mapped.pk, point=train).content.decode()
    assert "/images/-1/" not in html and "All about this image" not in html and "data-shown" in html


def test_before_the_training_images_were_looked_at_it_is_said_how(ask):
    html = ask("point/", point=0).content.decode()
    assert "looks once at every training image" in html and "Look at the training images" in html


def test_the_page_of_an_image_gets_its_neighbours_by_its_row(signed_in, viewer, evaluation, mapped):
    client = signed_in(viewer)
    html = client.get(f"/evaluations/{evaluation.id}/images/2/near/").content.decode()
    assert html.count("a training image") == 8
    assert "has no place on the map" in client.get(f"/evaluations/{evaluation.id}/images/99999999999999/near/").content.decode()


def test_the_page_of_an_image_has_the_styles_of_its_neighbours(signed_in, viewer, evaluation):
    page = signed_in(viewer).get(f"/evaluations/{evaluation.id}/images/0/").content.decode()
    assert 'class="near"' in page and {"experiments", "map"} <= set(re.findall(r'rel="stylesheet" href="[^"]*/css/(\w+)\.', page))


def test_a_viewer_sees_and_does_not_start(signed_in, viewer, evaluation):
    client = signed_in(viewer)
    page = client.get(f"/evaluations/{evaluation.id}/map/").content.decode()
    assert "An editor or owner of the team can start it" in page and "<form" not in page.split('id="map-compute"')[1].split("</section>")[0]
    assert client.post(f"/evaluations/{evaluation.id}/map/compute/").status_code == 403


def test_a_map_of_nothing_known_is_not_there(ask):
    assert ask("points/", of="nothing").status_code == 404


def test_an_evaluation_of_an_earlier_release_has_none_and_says_so(ask, evaluation):
    embedding.remove(evaluation.stem)
    page = ask("").content.decode()
    assert "No map yet" in page and "Look at the training images" in page and ask("points/").status_code == 404


def test_without_a_map_the_page_of_an_image_says_how_its_neighbours_come(signed_in, editor, evaluation):
    html = signed_in(editor).get(f"/evaluations/{evaluation.id}/images/0/near/").content.decode()
    assert "looks once at every training image" in html and "Look at the training images" in html


def test_two_clicks_ask_for_one_map(signed_in, editor, evaluation, pokes):
    client = signed_in(editor)
    for _ in range(2):
        page = client.post(f"/evaluations/{evaluation.id}/map/compute/", follow=True).content.decode()
    made = EmbeddingMap.objects.get()
    assert (made.job.kind, made.job.queue) == ("space", "device") and "Waiting, 1st in line" in page and "data-waits-for-job" in page
    assert "First: map of its best checkpoint on test" in client.get("/queue/").content.decode()


def test_a_map_of_an_epoch_says_so_and_of_which_experiment(actor_of, editor, evaluation):
    Evaluation.objects.filter(pk=evaluation.pk).update(checkpoint="7")
    evaluation.refresh_from_db()
    assert actions.start(actor_of(editor), evaluation).job.title == "First: map of its epoch 7 on test"


def test_a_map_that_failed_says_why_and_may_be_asked_for_again(ask, actor_of, editor, evaluation):
    made = actions.start(actor_of(editor), evaluation)
    jobs.fail(jobs.claim(made.job_id, "device@here:1"), "The disk is full.", "full", retry=False)
    page = ask("").content.decode()
    assert "The disk is full." in page and "Look at the training images" in page
    assert actions.start(actor_of(editor), evaluation).pk != made.pk


def test_an_evaluation_that_is_not_done_has_no_map(signed_in, actor_of, editor, evaluation):
    Evaluation.objects.update(result=None)
    evaluation.refresh_from_db()
    with pytest.raises(InputError, match="not done yet"):
        actions.start(actor_of(editor), evaluation)
    answer = signed_in(editor).get(f"/evaluations/{evaluation.id}/map/")
    assert answer["Location"] == f"/evaluations/{evaluation.id}/"


def test_an_experiment_stays_while_its_map_is_made(actor_of, editor, evaluation):
    actions.start(actor_of(editor), evaluation)
    with pytest.raises(InputError, match="A map of First's images is being made"):
        removing.delete(actor_of(editor), evaluation.experiment)


def test_a_map_goes_with_its_experiment_and_its_job_too(actor_of, editor, evaluation, mapped):
    removing.delete(actor_of(editor), evaluation.experiment)
    job = Job.objects.get(pk=mapped.job_id)
    assert job.in_trash and not [row for row in Job.objects.all() if row.kind == "space" and not row.in_trash]
    gone = Experiment.everything.get()
    evaluation.report.delete()
    while not removing.finish(gone):
        pass
    assert not EmbeddingMap.objects.exists() and not Job.objects.filter(pk=mapped.job_id).exists()


def test_a_newer_map_takes_the_place_of_an_older_one(actor_of, editor, evaluation, mapped):
    newer = actions.start(actor_of(editor), evaluation)
    actions.forget_older(newer)
    assert EmbeddingMap.objects.get() == newer and embedding.read(mapped.stem) is None
    assert not Job.objects.filter(pk=mapped.job_id).exists()


def test_an_erased_test_image_has_no_place_any_more(ask, evaluation, mapped):
    position = int(evaluation.scored["position"][1])
    path = Sample.objects.get(version=evaluation.version, position=position).path
    erasing.forget(evaluation.version.dataset, [position], [path])
    actions.forget(evaluation.version.dataset, [position], [path])
    assert position not in ask("points/", of="own").json()["position"] and position not in ask("points/").json()["position"]
    own, whole = embedding.read(evaluation.stem), embedding.read(mapped.stem)
    assert not own.values[1].any() and (own.points["position"] != position).all() and (whole.points["position"] != position).all()
    assert reading.point_of_row(whole, 1) is None


def test_an_erased_training_image_is_nobodys_neighbour(evaluation, mapped):
    source = reading.source_of(evaluation)
    first = reading.nearest(evaluation, source, 29)[0].tile
    actions.forget(evaluation.version.dataset, [first["position"]], [first["path"]])
    again = reading.nearest(evaluation, reading.source_of(evaluation), 29)
    assert first["position"] not in [one.tile["position"] for one in again]


def test_an_image_that_was_erased_while_the_map_was_made_is_not_on_it(evaluation, mapped):
    from classifier.data.erase import erase
    from webapp.datasets.erasing import places

    position = int(evaluation.scored["position"][0])
    erase([evaluation.version.folder], places.digest_at(evaluation.version, position))
    actions.forget_erased(mapped)
    assert (embedding.read(mapped.stem).points["position"] != position).all()


def test_what_a_job_of_a_map_reads_is_known_to_erasures(actor_of, editor, evaluation):
    from webapp.datasets.erasing import asking

    made = actions.start(actor_of(editor), evaluation)
    jobs.claim(made.job_id, "device@here:1")
    assert asking.reading([evaluation.version.dataset]).pk == made.job_id


def test_the_words_tell_a_part_from_the_whole(evaluation, mapped, monkeypatch):
    source = reading.source_of(evaluation)
    assert "30 of them arranged" in showing.words(evaluation, source, "tsne")
    assert "drawn, chosen at random" not in showing.words(evaluation, source, "pca")
    monkeypatch.setattr(showing, "is_part", lambda source: True)
    assert "drawn, chosen at random" in showing.words(evaluation, source, "pca")


def test_points_are_json_without_names_that_are_not_finite(ask, evaluation):
    assert json.loads(ask("points/").content)["sure"] == np.rint(100 * evaluation.scored["probability"]).astype(int).tolist()

"""Many pictures: asked for, asked again, deleted, and what the pages tell."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import CaptureQueriesContext

from classifier.metrics import answers
from classifier.spec import unsure
from classifier.spec.errors import ConfigError, InputError
from tests.webapp.predictions.kit import SAID, classified
from webapp.accounts.models import AuditEntry
from webapp.core.ids import new_id
from webapp.datasets.files import StorageFull
from webapp.evaluations.models import Evaluation
from webapp.experiments import removing as experiments
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job
from webapp.predictions import removing
from webapp.predictions.many import asking, reading, views
from webapp.predictions.many.reading import Wanted
from webapp.predictions.models import Classification

ARCHIVE = b"PK\x05\x06" + bytes(18)  # an empty zip


def archive(name="trip.zip", content=ARCHIVE):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def acting(actor_of, editor):
    return actor_of(editor)


@pytest.fixture
def waiting(acting, evaluated):
    return asking.begin(acting, archive(), "trip.zip", evaluated.experiment_id)


def ended(found, state="failed"):
    Job.objects.filter(pk=found.job_id).update(state=state, error="It went wrong.")
    return Classification.objects.get(pk=found.pk)


def test_one_waits_for_a_device_with_the_threshold_of_its_network(acting, evaluated):
    unsure.keep(evaluated.experiment.folder, 0.7)
    made = asking.begin(acting, archive(), "C:\\photos\\trip.zip", evaluated.experiment_id)
    assert (made.job.kind, made.job.queue, made.job.state) == ("classify", "device", "queued")
    assert (made.name, made.network_name, made.unsure_below) == ("trip.zip", "First", 0.7)
    assert (made.folder / "upload" / made.archive_file).read_bytes() == ARCHIVE
    assert AuditEntry.objects.filter(verb="classification.create").get().subject == "trip.zip"


@pytest.mark.parametrize("wanted", ["", "published:no_such_net", "published:vgg16"])
def test_a_network_that_cannot_classify_is_refused_at_its_field(wanted, acting, db):
    with pytest.raises(ConfigError) as refused:
        asking.begin(acting, archive(), "trip.zip", wanted)
    assert set(refused.value.fields) == {"network"} and not Classification.objects.exists()


def test_an_experiment_that_is_not_trained_yet_is_refused(acting, experiment):
    with pytest.raises(ConfigError) as refused:
        asking.begin(acting, archive(), "trip.zip", experiment.pk)
    assert refused.value.fields == {"network": "cannot classify yet: its training is not done"}


def test_nothing_is_left_of_one_that_could_not_be_kept(acting, evaluated, monkeypatch, settings):
    monkeypatch.setattr(asking.jobs, "submit", lambda **how: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        asking.begin(acting, archive(), "trip.zip", evaluated.experiment_id)
    assert not Classification.objects.exists() and not list((settings.SYNSET_HOME / "classifications").glob("*"))


def test_an_experiment_that_classifies_stays(acting, waiting, evaluated):
    with pytest.raises(InputError, match="First is classifying pictures"):
        experiments.delete(acting, evaluated.experiment)


def test_a_failed_one_is_tried_once_more_with_its_pictures(acting, waiting, evaluated):
    first = ended(waiting)
    again = asking.again(acting, first, evaluated.experiment_id)
    assert (again.pk, again.job.state) == (first.pk, "queued") and not Job.objects.filter(pk=first.job_id).exists()
    with pytest.raises(InputError, match="is being classified"):
        asking.again(acting, again, evaluated.experiment_id)


def test_one_whose_pictures_are_gone_is_not_tried_again(acting, waiting, evaluated):
    for path in (waiting.folder / "upload").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="send them again"):
        asking.again(acting, ended(waiting), evaluated.experiment_id)


def test_pictures_that_another_network_reads_are_not_deleted(acting, done, evaluated):
    other = asking.again(acting, done, evaluated.experiment_id)
    with pytest.raises(InputError, match="by another network"):
        removing.delete(acting, done)
    removing.delete(acting, ended(other, "cancelled"))
    removing.delete(acting, done)
    assert not Classification.objects.exists() and Classification.everything.count() == 2


def test_one_that_waits_is_not_deleted(acting, waiting):
    with pytest.raises(InputError, match="cancel it first"):
        removing.delete(acting, waiting)


def test_answers_outlive_their_network(done, evaluated, signed_in, viewer):
    experiment = evaluated.experiment
    type(experiment).everything.filter(pk=experiment.pk).update(trashed_at=done.created_at)
    client = signed_in(viewer)
    assert "(in the trash)" in client.get(f"/classify/{done.pk}/").content.decode()
    evaluated.delete()
    experiment.delete()
    page = client.get(f"/classify/{done.pk}/").content.decode()
    assert "First (deleted since)" in page and "sky.png" in page
    assert "(gone)" in client.get("/classify/history/").content.decode()


def test_the_page_tells_counts_and_rows(done, signed_in, viewer):
    page = signed_in(viewer).get(f"/classify/{done.pk}/").content.decode()
    assert "all 4" in page and "unsure 1" in page and "refused 1" in page and "1 file that is no image left aside" in page
    assert all(name.rpartition("/")[2] in page for name, _ in SAID) and "90.0 %" in page and ">Blue<" in page
    assert "1 class of the network was seen nowhere" in page and "Delete for good" not in page


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_the_threshold_leads_to_where_it_is_set(role, done, evaluated, signed_in, request):
    client = signed_in(request.getfixturevalue(role))
    words = {"viewer": "when it is", "editor": "set when it is"}[role]
    assert f'<a href="/evaluations/{evaluated.pk}/#unsure">{words}</a>' in client.get(f"/classify/{done.pk}/").content.decode()
    assert 'id="unsure"' in client.get(f"/evaluations/{evaluated.pk}/").content.decode()
    Classification.objects.update(experiment=None)
    assert "#unsure" not in client.get(f"/classify/{done.pk}/").content.decode()


def test_a_threshold_is_chosen_on_validation_images_where_there_are_some(done, evaluated, signed_in, viewer):
    fields = {"job": evaluated.job, "experiment": evaluated.experiment, "version": evaluated.version, "team": evaluated.team}
    kept = {"result": evaluated.result, "confusion": evaluated.confusion, "predictions": evaluated.predictions, "checkpoint": "best"}
    chosen = Evaluation.objects.create(**fields, **kept, split="validation")
    Evaluation.objects.create(**fields, **kept, split="test")
    assert f"/evaluations/{chosen.pk}/#unsure" in signed_in(viewer).get(f"/classify/{done.pk}/").content.decode()


@pytest.mark.parametrize(
    ("query", "files"),
    [("class=blue", ["sky", "=sea"]), ("show=unsure", ["dusk"]), ("class=red", []), ("class=mauve", []), ("show=refused", ["broken"])],
)
def test_rows_are_filtered(query, files, done, signed_in, viewer):
    page = signed_in(viewer).get(f"/classify/{done.pk}/?{query}").content.decode()
    names = ["sky", "=sea", "grass", "dusk", "broken"]
    assert [name for name in names if f"trip/{name}.png" in page] == files
    assert ("No image of this classification" in page) == (not files)


def test_the_least_sure_come_first_where_that_is_asked(done, signed_in, viewer):
    page = signed_in(viewer).get(f"/classify/{done.pk}/?sort=doubt&class=blue").content.decode()
    assert page.index("=sea.png") < page.index("sky.png") and 'href="?class=blue"' in page


def test_rows_come_a_page_at_a_time(done, signed_in, viewer, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 3)
    client = signed_in(viewer)
    first = client.get(f"/classify/{done.pk}/").content.decode()
    assert f"/classify/{done.pk}/rows/?after=2" in first and "dusk.png" not in first
    second = client.get(f"/classify/{done.pk}/rows/?after=2", HTTP_HX_REQUEST="true").content.decode()
    assert "dusk.png" in second and "rows/?after" not in second


def test_where_no_script_runs_more_of_them_come_as_a_page(done, signed_in, viewer):
    client = signed_in(viewer)
    page = client.get(f"/classify/{done.pk}/rows/?sort=doubt&after=2", headers={"Accept": "text/html"}, follow=True)
    assert page.redirect_chain == [(f"/classify/{done.pk}/?sort=doubt&after=2", 302)]
    text = page.content.decode()
    assert "trip/sky.png" in text and "trip/dusk.png" not in text and "<h1>" in text


@pytest.mark.parametrize("query", ["after=x", "after=-3", "after=99999999999999", "show=none", "class=%00", "class=" + "x" * 5000])
def test_an_address_that_says_nonsense_is_a_page(query, done, signed_in, viewer):
    assert signed_in(viewer).get(f"/classify/{done.pk}/?{query}").status_code == 200


def test_the_file_has_every_row_and_what_was_refused(done, signed_in, viewer):
    answer = signed_in(viewer).get(f"/classify/{done.pk}/answers.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["file"] for row in rows] == [*(name for name, _ in SAID), "trip/broken.png"]
    assert [(row["label"], row["name"], row["unsure"]) for row in rows[:4]] == [
        ("blue", "Blue", "no"),
        ("blue", "Blue", "no"),
        ("green", "green", "no"),
        ("blue", "Blue", "yes"),
    ]
    assert float(rows[0]["probability"]) == pytest.approx(0.9) and rows[0]["top2_label"] == "green" and rows[0]["top4_label"] == ""
    assert (rows[4]["label"], rows[4]["refused"]) == ("", "It is cut short.")


def test_those_that_were_refused_are_gone_through_once(done, signed_in, viewer, monkeypatch):
    """A million of them, read from the beginning for each part of the file, would take minutes."""
    lines = [json.dumps({"file": f"{place}.png", "rule": "truncated", "message": "It is cut short."}) + "\n" for place in range(5)]
    (done.answers / answers.REFUSED).write_text("".join(lines), "utf-8")
    opened, really = [], Path.open

    def noted(path, *how, **more):
        opened.append(path.name)
        return really(path, *how, **more)

    monkeypatch.setattr(reading, "CSV_ROWS", 2)
    monkeypatch.setattr(Path, "open", noted)
    text = b"".join(signed_in(viewer).get(f"/classify/{done.pk}/answers.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["file"] for row in rows if row["refused"]] == [f"{place}.png" for place in range(5)]
    assert opened.count(answers.REFUSED) == 1


def test_no_cell_of_the_file_is_a_formula(evaluated, editor, signed_in):
    found = classified(evaluated.experiment, editor, [("=SUM(A1)", (0.9, 0.1, 0.0))])
    text = b"".join(signed_in(editor).get(f"/classify/{found.pk}/answers.csv").streaming_content).decode()
    assert "\r\n'=SUM(A1)," in text


def test_pictures_are_sandboxed_images(done, signed_in, viewer):
    client = signed_in(viewer)
    for address in (f"/classify/{done.pk}/images/0/thumb", f"/classify/{done.pk}/images/0"):
        answer = client.get(address)
        assert answer["Content-Type"] == "image/png" and "sandbox" in answer["Content-Security-Policy"]
    assert {client.get(f"/classify/{done.pk}/images/{row}").status_code for row in (30, 2**40)} == {404}


def test_answers_that_are_gone_are_said(done, signed_in, editor):
    (done.answers / answers.ABOUT).unlink()
    client = signed_in(editor)
    assert "not on this server any more" in client.get(f"/classify/{done.pk}/").content.decode()
    assert client.get(f"/classify/{done.pk}/answers.csv").status_code == 302
    assert client.get(f"/classify/{done.pk}/rows/", HTTP_HX_REQUEST="true").status_code == 404


@pytest.mark.parametrize(("file", "query"), [(answers.NAMES, ""), (answers.REFUSED, "?show=refused"), (answers.TOLD, "")])
def test_answers_that_are_gone_in_part_are_said(file, query, done, signed_in, viewer):
    (done.answers / file).unlink()
    answer = signed_in(viewer).get(f"/classify/{done.pk}/{query}")
    assert answer.status_code == 200 and "not on this server any more" in answer.content.decode()


def test_while_it_waits_the_page_says_so(waiting, signed_in, editor, viewer):
    page = signed_in(editor).get(f"/classify/{waiting.pk}/").content.decode()
    assert "Waiting" in page and "The images are here and safe" in page and "cancel-classification" in page
    assert "cancel-classification" not in signed_in(viewer).get(f"/classify/{waiting.pk}/").content.decode()
    assert signed_in(viewer).get(f"/classify/{waiting.pk}/answers.csv").status_code == 404


def test_how_far_it_is_stands_on_the_page(waiting, signed_in, viewer):
    claim = jobs.claim(waiting.job_id, "device@here:1")
    told = {"done": 120, "total": 400, "unit": "images", "rate": 60.0}
    jobs.record(claim, [jobs.NewEvent("progress", told)], progress=0.58, eta=5.0, stage="classifying: 120 of 400 images")
    page = signed_in(viewer).get(f"/classify/{waiting.pk}/status/", HTTP_HX_REQUEST="true").content.decode()
    assert "Classifying" in page and "120 of 400 images" in page and "60 images/s" in page and "5 s left" in page
    jobs.finish(claim)
    assert signed_in(viewer).get(f"/classify/{waiting.pk}/status/", HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"


def test_a_failed_one_says_why_and_offers_another_try(waiting, signed_in, editor, viewer):
    ended(waiting)
    page = signed_in(editor).get(f"/classify/{waiting.pk}/").content.decode()
    assert "It went wrong." in page and "Classify once more" in page
    assert "Classify once more" not in signed_in(viewer).get(f"/classify/{waiting.pk}/").content.decode()


def test_the_form_sends_one_archive_where_no_script_runs(signed_in, editor, evaluated):
    client = signed_in(editor)
    answer = client.post("/classify/many/send/", {"network": evaluated.experiment_id, "archive": archive()})
    assert answer["Location"] == f"/classify/{Classification.objects.get().pk}/"


def sent_form(client):
    """The form's own key."""
    return re.search(r'name="key" value="([^"]+)"', client.get("/classify/many/").content.decode())[1]


def test_a_form_that_is_sent_twice_makes_one_job(signed_in, editor, evaluated):
    client = signed_in(editor)
    key = sent_form(client)

    def send(network, **how):
        return client.post("/classify/many/send/", {"key": key, "network": network, "archive": archive(**how)})

    first, second = send(evaluated.experiment_id), send(evaluated.experiment_id)
    assert first["Location"] == second["Location"] and Classification.objects.count() == Job.objects.filter(kind="classify").count() == 1
    assert len(list((Classification.objects.get().folder / "upload").iterdir())) == 1
    assert send(evaluated.experiment_id, name="other.zip")["Location"] != first["Location"]  # another archive is another thing
    assert Classification.objects.count() == 2 and sent_form(client) != key


def test_a_form_whose_classification_was_deleted_since_says_so(signed_in, editor, evaluated, actor_of):
    client = signed_in(editor)
    body = {"key": sent_form(client), "network": evaluated.experiment_id}
    client.post("/classify/many/send/", body | {"archive": archive()})
    removing.delete(actor_of(editor), ended(Classification.objects.get()))
    page = client.post("/classify/many/send/", body | {"archive": archive()}, follow=True).content.decode()
    assert "trip.zip lies in the trash. Restore it there" in page and Classification.everything.count() == 1


@pytest.mark.parametrize("count", [0, 2])
def test_none_or_several_files_are_refused_at_their_field(count, signed_in, editor, evaluated):
    body = {"network": evaluated.experiment_id, "archive": [archive() for _ in range(count)]}
    answer = signed_in(editor).post("/classify/many/send/", body)
    assert answer.status_code == 422 and "one zip or tar" in answer.content.decode() and not Classification.objects.exists()


def test_an_empty_archive_is_refused_in_words(signed_in, editor, evaluated):
    body = {"network": evaluated.experiment_id, "archive": archive(content=b"")}
    answer = signed_in(editor).post("/classify/many/send/", body, headers={"accept": "application/json"})
    assert answer.status_code == 422 and "empty" in answer.json()["error"]["fields"]["archive"]


def test_a_full_disk_is_said_on_the_page_that_sent_them(signed_in, editor, evaluated, monkeypatch):
    def full(*_, **__):
        raise StorageFull

    monkeypatch.setattr(asking, "begin", full)
    answer = signed_in(editor).post("/classify/many/send/", {"network": evaluated.experiment_id, "archive": archive()})
    page = answer.content.decode()
    assert answer.status_code == 507 and "disk is full" in page and "<h1>Classify many images</h1>" in page


def test_another_teams_network_is_not_there(signed_in, editor, evaluated, outsider, actor_of):
    answer = signed_in(outsider).post("/classify/many/send/", {"network": evaluated.experiment_id, "archive": archive()})
    assert answer.status_code == 404
    answer = signed_in(editor).post("/classify/many/send/", {"network": new_id(), "archive": archive()})
    assert answer.status_code == 404


def test_by_another_network_is_a_click(done, signed_in, editor, evaluated):
    answer = signed_in(editor).post(f"/classify/{done.pk}/again/", {"network": evaluated.experiment_id})
    other = Classification.objects.exclude(pk=done.pk).get()
    assert answer["Location"] == f"/classify/{other.pk}/" and other.source_id == done.pk and other.name == done.name
    told = signed_in(editor).post(f"/classify/{done.pk}/again/", {"network": "published:none"}, follow=True)
    assert "published weights are on this server" in told.content.decode()


def test_another_network_than_the_one_before_is_proposed(done, signed_in, editor):
    page = signed_in(editor).get(f"/classify/{done.pk}/").content.decode()
    assert re.findall(r'<option value="([^"]+)"[^>]* selected>', page) == ["published:efficientnet_lite0"]


def test_deleting_is_a_click_that_asks(done, signed_in, editor):
    page = signed_in(editor).get(f"/classify/{done.pk}/").content.decode()
    assert "It moves to the trash" in page and "can be restored until" in page
    answer = signed_in(editor).post(f"/classify/{done.pk}/delete/")
    assert answer["Location"] == "/classify/history/" and not Classification.objects.exists()


def test_the_history_tells_who_when_and_counts_newest_first(done, waiting, signed_in, viewer, editor):
    page = signed_in(viewer).get("/classify/history/").content.decode()
    assert page.index(f"/classify/{waiting.pk}/") < page.index(f"/classify/{done.pk}/")
    assert "2 Blue, 1 green" in page and editor.username in page


def test_the_history_is_filtered_by_network(done, signed_in, viewer, evaluated):
    Classification.objects.create(
        team=done.team,
        job=jobs.submit(team=done.team, user=None, kind="classify", title="b"),
        name="b.zip",
        network="published:x",
        network_name="x",
    )
    client = signed_in(viewer)
    page = client.get(f"/classify/history/?network={evaluated.experiment_id}").content.decode()
    assert "trip.zip" in page and "b.zip" not in page and ">x</option>" in page
    assert "Nothing by this network" in client.get("/classify/history/?network=none").content.decode()


def test_the_history_goes_on_by_key(done, waiting, signed_in, viewer, monkeypatch):
    monkeypatch.setattr(views, "HISTORY_PAGE", 1)
    client = signed_in(viewer)
    page = client.get("/classify/history/").content.decode()
    assert f"/classify/{done.pk}/" not in page and "cursor=" in page
    cursor = page.partition("cursor=")[2].partition('"')[0]
    more = client.get(f"/classify/history/?cursor={cursor}", HTTP_HX_REQUEST="true").content.decode()
    assert f"/classify/{done.pk}/" in more and "<html" not in more
    assert client.get("/classify/history/?cursor=nonsense").status_code == 200


def test_the_history_goes_on_by_a_link_where_no_script_runs(done, waiting, signed_in, viewer, monkeypatch):
    monkeypatch.setattr(views, "HISTORY_PAGE", 1)
    client = signed_in(viewer)
    link = re.search(r'<a href="([^"]+cursor=[^"]+)">More', client.get("/classify/history/").content.decode())
    assert link
    page = client.get(unescape(link[1]), headers={"Accept": "text/html"}).content.decode()
    assert f"/classify/{done.pk}/" in page and "<h1>History</h1>" in page


def test_an_empty_history_says_what_to_do(signed_in, editor, viewer):
    assert "/classify/many/" in signed_in(editor).get("/classify/history/").content.decode()
    assert "An editor or owner" in signed_in(viewer).get("/classify/history/").content.decode()


def test_another_team_finds_nothing(done, signed_in, outsider):
    client = signed_in(outsider)
    ways = ("", "status/", "rows/", "answers.csv", "images/0", "images/0/thumb")
    assert {client.get(f"/classify/{done.pk}/{way}").status_code for way in ways} == {404}
    assert "trip.zip" not in client.get("/classify/history/").content.decode()


def test_a_page_of_a_million_rows_asks_the_database_nothing_of_them(evaluated, editor, signed_in, monkeypatch):
    """The rows of a class stand in the file; the number of queries and the rows that are read do not grow with it."""
    found = classified(evaluated.experiment, editor)
    many = 1_000_000
    np.save(found.answers / answers.ROWS, np.resize(np.load(found.answers / answers.ROWS), many))
    told = np.zeros(many, np.int32)
    told[-1] = 1
    np.save(found.answers / answers.TOLD, told)
    np.save(found.answers / answers.ORDER, np.arange(many, dtype=np.uint32))
    np.save(found.answers / answers.ENDS, np.minimum(np.load(found.answers / answers.ENDS)[0], np.arange(many)).astype(np.uint64))
    page = reading.page(found, Wanted("", "green"))
    assert [row.row for row in page.rows] == [many - 1] and page.after is None
    with CaptureQueriesContext(__import__("django.db").db.connection) as queries:
        assert signed_in(editor).get(f"/classify/{found.pk}/").status_code == 200
    assert not any("count(" in query["sql"].lower() and "classification" in query["sql"] for query in queries)

"""A share link shows one report to whoever has it: a fixed list of values, only its own images, until it ends."""

from __future__ import annotations

import dataclasses
import re
import shutil
import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.faults.processes import wait_for
from tests.webapp.together import outcomes
from webapp.accounts.models import AuditEntry
from webapp.core.ids import new_id
from webapp.core.plotly import map_style_id
from webapp.evaluations import groups
from webapp.evaluations.showing import ClassRow
from webapp.reports import actions, outside, pdf, standalone
from webapp.reports.blocks import shown
from webapp.reports.models import Report, ShareLink

MISTAKE = {"path": "red/=secret.png", "label": "red", "predicted": "blue", "probability": 0.9, "loss": 2.5, "position": 1, "image": 3}
FIELDS = {
    "title", "notes", "made_at", "dataset_name", "version_number", "fingerprint", "split_counts", "leaks", "leaks_known", "split", "n",
    "wrong", "test_opened", "model", "checkpoint", "how", "epochs", "seed", "key_figures", "summary", "matrix", "matrix_by_row", "classes",
    "mistakes", "small", "config", "groups", "blocks",
}  # fmt: skip
BLOCK = {
    "number", "kind", "title", "text", "note", "trouble", "words", "figure", "size", "legend", "letters", "head", "rows",
    "pictures", "small",
}  # fmt: skip
ADDRESSES = ["", "images/0", "report.html", "model"]


@pytest.fixture
def pack(report, trained):
    """The dataset's files where the web looks for them."""
    folder = report.evaluation.version.folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(trained[0], folder)
    report.evaluation.mistakes = [MISTAKE, MISTAKE | {"image": None}]
    report.evaluation.save()
    yield folder
    shutil.rmtree(folder.parent)


@pytest.fixture
def run(report, trained):
    """The training's checkpoints where the web looks for them."""
    folder = report.evaluation.experiment.folder
    shutil.copytree(trained[2], folder, dirs_exist_ok=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def shared(report, pack, run, editor, actor_of):
    """The address behind a living link, and its row."""
    link, code = actions.share(actor_of(editor), report, 30)
    return f"/shared/{code}/", link


def test_a_stranger_sees_the_report(client, shared, report):
    answer = client.get(shared[0])
    assert answer.status_code == 200 and report.title in answer.content.decode()


def test_what_is_shown_is_a_fixed_list():
    assert {field.name for field in dataclasses.fields(outside.SharedReport)} == FIELDS
    assert {field.name for field in dataclasses.fields(outside.SharedMistake)} == {"true", "said", "probability", "loss", "thumb"}
    assert ClassRow._fields == ("name", "n", "precision", "recall", "f1", "precision_span", "recall_span", "f1_span")
    assert {field.name for field in dataclasses.fields(shown.Shown)} == BLOCK
    assert {field.name for field in dataclasses.fields(shown.Picture)} == {
        "true",
        "said",
        "probability",
        "loss",
        "thumb",
        "right",
        "link",
        "path",
    }
    assert {field.name for field in dataclasses.fields(shown.Line)} == {"cells", "number", "link", "muted"}


@pytest.mark.parametrize("page", ["", "report.html"])
def test_no_name_id_file_or_path_of_this_server_gets_out(page, client, shared, report, actor_of, viewer, settings):
    actions.comment(actor_of(viewer), report, "between us")
    text = client.get(shared[0] + page).getvalue().decode()
    evaluation = report.evaluation
    ids = [report.id, evaluation.id, evaluation.experiment_id, evaluation.version.dataset_id, evaluation.job_id, shared[1].id]
    hidden = [*ids, "secret.png", "my colours.zip", "between us", "Birds", str(settings.SYNSET_HOME), "csrfmiddlewaretoken", "/reports/"]
    assert not [words for words in hidden if words in text]


@pytest.fixture
def by_site(monkeypatch):
    """As if a table had told where each image is from."""
    found = [groups.column("site", {"Bonn": [50, 45], "Ulm": [50, 25], "Jo Doe": [2, 2]})]
    monkeypatch.setattr(groups, "columns", lambda evaluation: found)


@pytest.mark.parametrize("page", ["", "report.html"])
def test_figures_by_group_are_shown_where_the_link_was_made_with_them(page, client, shared, by_site, report, editor, actor_of):
    assert "Bonn 90.0 %" not in client.get(shared[0] + page).getvalue().decode()
    _, code = actions.share(actor_of(editor), report, 30, with_groups=True)
    text = client.get(f"/shared/{code}/{page}").getvalue().decode()
    assert "Bonn 90.0 %, Ulm 50.0 %" in text and "Jo Doe" not in text


def test_the_form_offers_figures_by_group_where_there_are_some(signed_in, editor, report, by_site):
    client = signed_in(editor)
    text = client.get(f"/reports/{report.id}/").content.decode()
    assert 'name="with_groups"' in text and "Bonn 90.0 %, Ulm 50.0 %" in text and "Jo Doe" in text
    text = client.post(f"/reports/{report.id}/links/", {"days": "7", "with_groups": "on"}).content.decode()
    assert ShareLink.objects.get().with_groups and "with figures by group" in text


def test_the_form_offers_none_where_there_are_none(signed_in, editor, report):
    assert 'name="with_groups"' not in signed_in(editor).get(f"/reports/{report.id}/").content.decode()


def test_weights_of_an_earlier_run_are_named_by_no_path(report):
    report.evaluation.experiment.resolved = {"weights": "/srv/data/experiments/01abc", "epochs": 2, "own": "/etc"}
    config = outside.shared_report(report, lambda place: "").config
    assert '"weights": "a file"' in config and "/" not in config


@pytest.mark.parametrize("page", ["", "images/0", "report.html"])
def test_search_engines_caches_and_other_sites_learn_nothing(page, client, shared):
    answer = client.get(shared[0] + page)
    assert answer["X-Robots-Tag"] == "noindex, nofollow" and answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "private, no-store" and "synset_csrf" not in answer.cookies


def test_the_page_says_so_itself_and_has_a_policy(client, shared):
    answer = client.get(shared[0])
    assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"] and answer["X-Frame-Options"] == "DENY"


def test_robots_are_told_to_keep_out(client):
    assert "Disallow: /shared/" in client.get("/robots.txt").content.decode()


def test_only_images_of_the_report_have_an_address(client, shared):
    assert client.get(shared[0] + "images/0")["Content-Type"].startswith("image/")
    assert {client.get(f"{shared[0]}images/{place}").status_code for place in (1, 2, 3, 10**12)} == {404}


def test_an_image_is_an_image_and_nothing_else(client, shared):
    answer = client.get(shared[0] + "images/0")
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]


def test_every_image_of_the_page_is_there(client, shared):
    sources = re.findall(r'<img src="([^"]+)"', client.get(shared[0]).content.decode())
    assert sources == [shared[0] + "images/0"] and client.get(sources[0]).status_code == 200


def test_weights_are_offered_only_where_they_were_switched_on(client, shared, report, actor_of, editor):
    assert client.get(shared[0] + "model").status_code == 404 and "Weights" not in client.get(shared[0]).content.decode()
    _, code = actions.share(actor_of(editor), report, 7, with_model=True)
    assert client.get(f"/shared/{code}/model").status_code == 200 and "Weights" in client.get(f"/shared/{code}/").content.decode()


def ended(how: str, shared: tuple[str, ShareLink], actor) -> str:
    """The address after something ended it."""
    address, link = shared
    if how == "revoked":
        actions.revoke(actor, link)
    elif how == "expired":
        ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "in the trash":
        experiment = link.report.evaluation.experiment
        type(experiment).everything.filter(pk=experiment.pk).update(trashed_at=timezone.now())
    elif how == "report deleted":
        link.report.evaluation.delete()
    return "/shared/nobodyEverMadeThisCode00000000/" if how == "unknown" else address


@pytest.mark.parametrize("page", ADDRESSES)
@pytest.mark.parametrize("how", ["revoked", "expired", "in the trash", "report deleted", "unknown"])
def test_a_link_that_ended_opens_nothing_at_once(how, page, client, shared, actor_of, editor):
    answer = client.get(ended(how, shared, actor_of(editor)) + page)
    assert answer.status_code == 404 and answer.content == client.get("/shared/x/").content
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("code", ["%00", "%ED%A0%80", "x" * 5000, "'; drop table--", "..%2f.."])
def test_any_text_in_place_of_a_code_is_answered_alike(client, db, code):
    assert client.get(f"/shared/{code}/").status_code == 404


@pytest.mark.parametrize("page", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_sent_there(method, page, shared):
    client = Client(enforce_csrf_checks=True)
    assert getattr(client, method)(shared[0] + page).status_code == 405


def opened() -> int:
    return ShareLink.objects.get().opened


def test_each_page_and_each_file_counts(client, shared):
    for page in ("", "", "report.html"):
        client.get(shared[0] + page)
    assert opened() == 3 and ShareLink.objects.get().last_opened_at is not None


def test_a_look_at_headers_images_or_weights_counts_nothing(client, shared):
    for page in ("", "report.html"):
        client.head(shared[0] + page)
    for page in ("images/0", "model"):
        client.get(shared[0] + page)
    assert opened() == 0


@pytest.mark.parametrize("page", ADDRESSES)
@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "Prefetch"}, {"X-Moz": "prefetch"}])
def test_who_asks_ahead_of_time_is_given_nothing_and_not_counted(page, header, client, shared):
    answer = client.get(shared[0] + page, headers=header)
    assert (answer.status_code, answer.content, opened()) == (503, b"", 0)


def test_a_browser_that_asked_ahead_of_time_sees_the_page_when_it_is_opened(client, shared, report):
    client.get(shared[0], headers={"Sec-Purpose": "prefetch"})
    assert report.title in client.get(shared[0]).content.decode() and opened() == 1


@pytest.mark.django_db(transaction=True)
def test_no_opening_is_lost_when_many_come_at_once(shared):
    outcomes(*[lambda: actions.opened(shared[1])] * 20)
    counted(20)


def counted(times: int) -> None:
    """Those that found the row locked are counted a moment later."""
    wait_for(lambda: opened() >= times, 60, lambda: f"{opened()} of {times} were counted")
    assert opened() == times


@pytest.mark.django_db(transaction=True)
def test_a_reader_waits_for_nobody_who_writes_and_is_counted_once_they_are_done(shared):
    held, done = threading.Event(), threading.Event()

    def holds():
        with transaction.atomic():
            ShareLink.objects.select_for_update().get()
            ShareLink.objects.update(with_model=True)
            held.set()
            assert done.wait(30)

    def reads():
        assert held.wait(30)
        began = time.monotonic()
        actions.opened(shared[1])
        actions.opened(shared[1])
        done.set()
        return time.monotonic() - began

    _, seconds = outcomes(holds, reads)
    assert seconds < 5
    counted(2)


def test_the_code_is_kept_as_a_hash_alone(shared):
    code, row = shared[0].split("/")[2], ShareLink.objects.values().get()
    assert len(code) >= 32 and code not in str(row)


def test_the_address_is_shown_once(signed_in, editor, report):
    client = signed_in(editor)
    answer = client.post(f"/reports/{report.id}/links/", {"days": "7"})
    address = re.search(r'value="http://testserver(/shared/[\w-]+/)"', answer.content.decode())[1]
    assert Client().get(address).status_code == 200 and "no-store" in answer["Cache-Control"]
    assert address not in client.get(f"/reports/{report.id}/").content.decode()


@pytest.mark.parametrize("days", ["", "8", "-7", "x", "9" * 400])
def test_a_link_ends_after_one_of_the_terms_offered(days, signed_in, editor, report):
    assert signed_in(editor).post(f"/reports/{report.id}/links/", {"days": days}).status_code == 422
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 200), ("viewer", 403), ("outsider", 404)])
def test_who_may_share(role, status, signed_in, request, report):
    client = signed_in(request.getfixturevalue(role))
    assert client.post(f"/reports/{report.id}/links/", {"days": "7"}).status_code == status


@pytest.mark.parametrize(("role", "status"), [("owner", 302), ("editor", 302), ("viewer", 403), ("outsider", 404)])
def test_who_may_revoke(role, status, signed_in, request, shared, client):
    answer = signed_in(request.getfixturevalue(role)).post(f"/reports/links/{shared[1].id}/revoke/")
    assert answer.status_code == status and client.get(shared[0]).status_code == (404 if status == 302 else 200)


def test_a_random_link_and_another_teams_are_answered_alike(signed_in, outsider, shared):
    client = signed_in(outsider)
    assert {client.post(f"/reports/links/{id}/revoke/").status_code for id in (shared[1].id, new_id())} == {404}


def test_viewers_see_that_it_is_shared_but_no_links(signed_in, viewer, shared, report):
    text = signed_in(viewer).get(f"/reports/{report.id}/").content.decode()
    assert "shared</span>" in text and "Revoke" not in text and "Make a link" not in text


def test_sharing_and_revoking_are_written_down(shared, actor_of, editor):
    actions.revoke(actor_of(editor), shared[1])
    assert not actions.revoke(actor_of(editor), shared[1])
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == ["report.share", "report.revoke"]


def test_the_list_tells_how_often_a_report_was_opened(signed_in, viewer, shared, client):
    client.get(shared[0])
    row = signed_in(viewer).get("/reports/").context["rows"][0]
    assert (row.is_shared, row.opened) == (True, 1) and Report.objects.count() == 1


def test_the_file_names_its_whole_date_and_every_part_by_hash(client, shared, report):
    text = client.get(shared[0] + "report.html").getvalue().decode()
    assert f"{report.created_at:%B} {report.created_at.year}" in text and "data-time" not in text
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)[1]
    assert f'<style id="{map_style_id()}">' in text  # else Plotly would write one of its own, which the policy blocks
    assert "default-src 'none'" in policy and "unsafe" not in policy and policy.count("'sha256-") == 8


def test_text_of_people_ends_no_script_of_the_file(client, shared, report):
    Report.objects.update(title="</script><script>alert(1)</script>", notes="</style></script><script>alert(2)</script>")
    classes = [entry | {"name": "</script><b>"} for entry in report.evaluation.version.classes]
    type(report.evaluation.version).objects.update(classes=classes)
    text = client.get(shared[0] + "report.html").getvalue().decode()
    assert "<script>alert" not in text and "</script><b>" not in text


def test_many_files_at_a_time_hold_the_charts_library_once(report):
    first, second = standalone.standalone(report), standalone.standalone(report)
    assert first[1] is second[1] and len(first[1]) > 1_000_000
    assert len(first[0]) + len(first[2]) < 300_000


def test_a_file_says_how_long_it_is(client, shared):
    answer = client.get(shared[0] + "report.html")
    assert answer.streaming and answer["Content-Length"] == str(len(answer.getvalue()))


@pytest.fixture
def printer(monkeypatch):
    """As if this server had a browser; what it printed, and for how many seconds others were waited for."""
    printed = []
    monkeypatch.setattr(pdf, "browser", lambda: "/bin/true")
    monkeypatch.setattr(pdf, "printed", lambda report, **how: printed.append(how) or b"%PDF-1.7 made")
    return printed


def test_a_stranger_takes_it_on_paper(client, shared, printer):
    assert f'href="{shared[0]}report.pdf"' in client.get(shared[0]).content.decode()
    answer = client.get(f"{shared[0]}report.pdf")
    assert answer.getvalue() == b"%PDF-1.7 made" and answer["Content-Type"] == "application/pdf"
    assert printer == [{"with_groups": False, "wait": pdf.SHORT_WAIT_SECONDS}]
    wait_for(lambda: ShareLink.objects.get(pk=shared[1].pk).opened == 2, 60, lambda: "the PDF was not counted as an opening")
    assert client.head(f"{shared[0]}report.pdf").status_code == 200 and len(printer) == 1


def test_without_a_browser_a_strangers_page_prints_itself(client, shared, monkeypatch):
    monkeypatch.setattr(pdf, "browser", lambda: None)
    assert "data-print" in client.get(shared[0]).content.decode()
    answer = client.get(f"{shared[0]}report.pdf")
    assert answer.status_code == 200 and "no Chromium to print with" in answer.content.decode()


def test_a_stranger_who_has_to_wait_is_told(client, shared, printer, monkeypatch):
    def busy(report, **how):
        raise pdf.NoPdf("Other reports are being printed.", retry=True)

    monkeypatch.setattr(pdf, "printed", busy)
    answer = client.get(f"{shared[0]}report.pdf")
    assert answer.status_code == 503 and "Other reports are being printed." in answer.content.decode()


def test_a_link_is_not_printed_without_end(client, shared, printer):
    statuses = [client.get(f"{shared[0]}report.pdf").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2 and len(printer) == 10

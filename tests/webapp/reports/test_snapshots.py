"""A report kept as it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.db import connection

from webapp.accounts.actor import actor_in
from webapp.accounts.models import User
from webapp.datasets.models import Sample
from webapp.reports import actions, erasing, pdf, standalone
from webapp.reports.actions import freezing
from webapp.reports.models import Report, Snapshot


@pytest.fixture
def kept(report: Report, editor: User) -> Snapshot:
    return freezing.freeze(actor_in(editor, via="session"), report)


def test_later_edits_change_nothing_of_it(kept, report, editor, signed_in) -> None:
    before = signed_in(editor).get(f"/reports/snapshots/{kept.id}/").content.decode()
    actions.edit(actor_in(editor, via="session"), report, title="Called otherwise", notes="New words", tags=[])
    after = signed_in(editor).get(f"/reports/snapshots/{kept.id}/").content.decode()
    assert "First on Colours" in after and "New words" not in after and "As it stood" in after
    body = [text[text.index("<main") : text.index("</main>")] for text in (before, after)]
    assert body[0] == body[1]


def test_its_manifest_goes_with_it(kept, report, viewer, signed_in) -> None:
    told = signed_in(viewer).get(f"/reports/snapshots/{kept.id}/manifest.json").json()
    assert told["dataset"]["id"] == report.evaluation.version.fingerprint and told == kept.manifest


def test_the_same_again_is_the_one_that_there_is(kept, report, editor) -> None:
    actor = actor_in(editor, via="session")
    assert freezing.freeze(actor, report) == kept
    actions.edit(actor, report, title="Other", notes="", tags=[])
    other = freezing.freeze(actor, Report.objects.get())
    assert other != kept and other.digest != kept.digest and Snapshot.objects.count() == 2


def test_its_hash_is_of_what_was_frozen(kept) -> None:
    assert kept.digest == freezing.digest_of(kept.id, kept.body, kept.manifest)
    assert kept.digest != freezing.digest_of(kept.id, kept.body + " ", kept.manifest)


def test_pictures_are_drawn_from_the_dataset_while_they_are_there(
    kept, report, trained, viewer, signed_in, settings, tmp_path: Path
) -> None:
    settings.SYNSET_HOME = tmp_path
    shutil.copytree(trained[0], report.evaluation.version.dataset.folder / "data")
    report.evaluation.mistakes = [{"image": 0, "label": "red", "predicted": "blue", "probability": 0.9, "loss": 2.0, "path": "x"}]
    report.evaluation.save(update_fields=["mistakes"])
    address = f"/reports/snapshots/{kept.id}/images/0"
    assert signed_in(viewer).get(address)["Content-Type"] in ("image/png", "image/jpeg")
    report.evaluation.mistakes[0]["image"] = None  # as an erasure leaves it
    report.evaluation.save(update_fields=["mistakes"])
    assert signed_in(viewer).get(address).status_code == 404


def test_it_is_printed_as_it_stood(kept, report, viewer, signed_in, monkeypatch) -> None:
    Report.objects.update(title="Called otherwise")
    printed: list[bytes] = []
    monkeypatch.setattr(pdf, "by", lambda path, folder, page: printed.append(page) or b"%PDF-")
    monkeypatch.setattr(pdf, "browser", lambda: "/bin/true")
    assert f'href="/reports/snapshots/{kept.id}/report.pdf"' in signed_in(viewer).get(f"/reports/snapshots/{kept.id}/").content.decode()
    answer = signed_in(viewer).get(f"/reports/snapshots/{kept.id}/report.pdf")
    assert b"".join(answer.streaming_content) == b"%PDF-" and answer["Content-Type"] == "application/pdf"
    assert f"{kept.created_at:%Y-%m-%d}.pdf" in answer["Content-Disposition"]
    assert b"<title>First on Colours" in printed[0] and b"Called otherwise" not in printed[0] and b"Plotly" in printed[0]
    assert signed_in(viewer).head(f"/reports/snapshots/{kept.id}/report.pdf").status_code == 200 and len(printed) == 1


def test_its_sheets_are_made_by_the_systems_browser(kept) -> None:
    assert pdf.on_sheets(lambda: standalone.frozen(kept)).startswith(b"%PDF-")


def test_without_a_browser_its_page_prints_itself(kept, viewer, signed_in, monkeypatch) -> None:
    monkeypatch.setattr(pdf, "browser", lambda: None)
    assert "data-print=" in signed_in(viewer).get(f"/reports/snapshots/{kept.id}/").content.decode()
    answer = signed_in(viewer).get(f"/reports/snapshots/{kept.id}/report.pdf", follow=True)
    assert "no Chromium" in answer.content.decode() and answer.redirect_chain[0][0].endswith("#snapshots")


def test_the_name_of_an_erased_image_goes_from_it(report, editor) -> None:
    actor = actor_in(editor, via="session")
    actions.edit(actor, report, title="First", notes="Look at red/a&b.png again", tags=[])
    kept = freezing.freeze(actor, Report.objects.get())
    assert "red/a&amp;b.png" in kept.body
    erasing.forget(report.evaluation.version.dataset, [0], ["red/a&b.png"])
    left = Snapshot.objects.get(id=kept.id)
    assert "red/a&amp;b.png" not in left.body and left.digest == freezing.digest_of(left.id, left.body, left.manifest)
    assert Sample.objects.exists()


def test_the_name_of_an_erased_image_goes_from_titles(report, editor, viewer, signed_in) -> None:
    actor = actor_in(editor, via="session")
    actions.edit(actor, report, title="Why red/a&b.png is named wrongly", notes="", tags=[])
    kept = freezing.freeze(actor, Report.objects.get())
    moves = Report.objects.get().moves
    erasing.forget(report.evaluation.version.dataset, [0], ["red/a&b.png"])
    assert "a&b" not in Report.objects.get().title and Report.objects.get().moves > moves
    text = signed_in(viewer).get(f"/reports/snapshots/{kept.id}/").content.decode()
    assert "is named wrongly" in text and "a&amp;b" not in text


def test_only_so_many_are_kept(kept, report, editor, signed_in, monkeypatch) -> None:
    monkeypatch.setattr(freezing, "MOST", 1)
    Report.objects.update(title="Other")
    answer = signed_in(editor).post(f"/reports/{report.id}/snapshots/", follow=True)
    assert "keeps at most 1 snapshots" in answer.content.decode() and Snapshot.objects.count() == 1


def test_an_editor_keeps_it_and_a_viewer_looks_at_it(report, editor, viewer, outsider, signed_in) -> None:
    address = f"/reports/{report.id}/snapshots/"
    assert signed_in(viewer).post(address).status_code == 403 and signed_in(outsider).post(address).status_code == 404
    page = signed_in(editor).post(address)["Location"]
    assert signed_in(viewer).get(page).status_code == 200 and signed_in(outsider).get(page).status_code == 404
    assert page.encode() in signed_in(viewer).get(f"/reports/{report.id}/").content


def test_nothing_of_a_snapshot_names_a_person_of_the_page_for_others(kept, editor) -> None:
    assert editor.username not in kept.body


def test_one_that_nobody_needs_is_deleted_and_makes_room(kept, report, editor, viewer, outsider, signed_in, monkeypatch) -> None:
    monkeypatch.setattr(freezing, "MOST", 1)
    address = f"/reports/snapshots/{kept.id}/delete/"
    assert signed_in(viewer).post(address).status_code == 403 and signed_in(outsider).post(address).status_code == 404
    assert "Delete for good" in signed_in(editor).get(f"/reports/snapshots/{kept.id}/").content.decode()
    assert "Delete for good" not in signed_in(viewer).get(f"/reports/snapshots/{kept.id}/").content.decode()
    assert signed_in(editor).post(address).status_code == 302 and not Snapshot.objects.exists()
    Report.objects.update(title="Other")
    assert freezing.freeze(actor_in(editor, via="session"), Report.objects.get()).title == "Other"


def test_all_of_many_are_listed(kept, report, viewer, signed_in) -> None:
    for number in range(7):
        Snapshot.everything.create(team=report.team, report=report, title=str(number), body="", manifest={}, digest=str(number))
    text = signed_in(viewer).get(f"/reports/{report.id}/").content.decode()
    assert text.count("as it stood") == 8 and "Show the other 3" in text


def test_it_is_drawn_while_nobody_waits_for_it(report, editor, monkeypatch) -> None:
    depth, draw, seen = len(connection.savepoint_ids), freezing.draw, []
    monkeypatch.setattr(freezing, "draw", lambda *args: seen.append(len(connection.savepoint_ids)) or draw(*args))
    freezing.freeze(actor_in(editor, via="session"), report)
    assert seen == [depth]


def test_what_changes_while_it_is_drawn_is_in_it(report, editor, monkeypatch) -> None:
    actor, draw, changes = actor_in(editor, via="session"), freezing.draw, ["Second", "First"]

    def changed(id, report):
        drawn = draw(id, report)
        if changes:
            actions.edit(actor, Report.objects.get(), title=changes.pop(), notes="", tags=[])
        return drawn

    monkeypatch.setattr(freezing, "draw", changed)
    kept = freezing.freeze(actor, report)
    assert kept.title == "Second" and "<h1>Second</h1>" in kept.body


def test_one_that_changes_all_the_time_is_kept_all_the_same(report, editor, monkeypatch) -> None:
    actor, draw, tries = actor_in(editor, via="session"), freezing.draw, []

    def changed(id, report):
        drawn = draw(id, report)
        tries.append(drawn)
        if len(tries) <= freezing.TRIES:
            actions.edit(actor, Report.objects.get(), title=f"Title {len(tries)}", notes="", tags=[])
        return drawn

    monkeypatch.setattr(freezing, "draw", changed)
    kept = freezing.freeze(actor, report)
    assert kept.title == f"Title {freezing.TRIES}" and f"<h1>{kept.title}</h1>" in kept.body


def test_a_name_that_is_erased_while_it_is_drawn_is_not_kept(report, editor, monkeypatch) -> None:
    actor, draw, dataset = actor_in(editor, via="session"), freezing.draw, report.evaluation.version.dataset
    actions.edit(actor, report, title="First", notes="Look at red/1.png again", tags=[])
    paths = ["red/1.png"]

    def erased(id, report):
        drawn = draw(id, report)
        if paths:
            erasing.forget(dataset, [0], [paths.pop()])
        return drawn

    monkeypatch.setattr(freezing, "draw", erased)
    assert "red/1.png" not in freezing.freeze(actor, Report.objects.get()).body

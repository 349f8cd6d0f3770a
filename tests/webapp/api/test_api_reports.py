"""Reports by the API: listed, read, edited, shared."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import TEST
from webapp.evaluations import groups
from webapp.reports.models import Report, ShareLink


def test_a_report_is_read_with_its_figures(call, things):
    ours = things()
    ours.evaluation.figures = TEST
    ours.evaluation.save()
    body = call("GET", f"/reports/{ours.report.id}").body
    assert (body["title"], body["revision"], body["test"], body["shared"]) == ("first on flowers", 0, TEST, True)


def test_a_report_tells_how_far_it_was_looked_for_leaks(call, things):
    assert call("GET", f"/reports/{things().report.id}").body["leaks"] == {"images": 0, "known": "bytes"}


def test_a_report_and_its_evaluation_tell_figures_by_group(call, things, monkeypatch):
    ours = things()
    monkeypatch.setattr(groups, "columns", lambda evaluation: [groups.column("site", {"Bonn": [50, 45], "Ulm": [4, 2]})])
    ours.evaluation.figures = TEST
    ours.evaluation.save()
    for address in (f"/reports/{ours.report.id}", f"/evaluations/{ours.evaluation.id}"):
        (site,) = call("GET", address).body["groups"]
        assert [(group["value"], group["n"], group["accuracy"]) for group in site["groups"]] == [("Ulm", 4, 0.5), ("Bonn", 50, 0.9)]
        assert site["gap"] is None


def test_a_link_is_made_with_figures_by_group(call, things):
    made = call("POST", f"/reports/{things().report.id}/links", {"days": 7, "with_groups": True}).body
    assert made["with_groups"] and ShareLink.objects.get(pk=made["id"]).with_groups


def test_the_list_tells_of_the_teams_reports_alone(call, things):
    ours, _ = things(), things("Elsewhere")
    assert [row["id"] for row in call("GET", "/reports").body["items"]] == [ours.report.id]


def test_what_an_edit_leaves_out_stays(call, things):
    ours = things()
    call("PATCH", f"/reports/{ours.report.id}", {"notes": "so", "tags": ["Pilot"]})
    body = call("PATCH", f"/reports/{ours.report.id}", {"title": "Other"}).body
    assert (body["title"], body["notes"], body["tags"], body["revision"]) == ("Other", "so", ["pilot"], 2)


def test_an_edit_from_an_old_revision_is_refused(call, things):
    ours = things()
    call("PATCH", f"/reports/{ours.report.id}", {"notes": "theirs"})
    answer = call("PATCH", f"/reports/{ours.report.id}", {"notes": "mine", "revision": 0})
    assert (answer.status, answer.error["code"]) == (409, "stale") and Report.objects.get().notes == "theirs"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "x" * 201),
        ("notes", "x" * 20_001),
        ("tags", ["x" * 31]),
        ("tags", ["red, green"]),
        ("tags", [""]),
        ("tags", list("abcdefghijk")),
    ],
)
def test_a_wrong_field_of_an_edit_is_named(field, value, call, things):
    answer = call("PATCH", f"/reports/{things().report.id}", {field: value})
    assert answer.status == 422 and set(answer.error["fields"]) == {field}


def test_a_link_opens_the_report_until_it_is_revoked(call, things, client):
    ours = things()
    rows = [{"label": name, "n": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5} for name in ("cat", "dog")]
    ours.evaluation.figures = TEST | {"per_class": rows}
    ours.evaluation.save()
    made = call("POST", f"/reports/{ours.report.id}/links", {"days": 7}).body
    assert client.get(made["url"]).status_code == 200
    call("DELETE", f"/reports/{ours.report.id}/links/{made['id']}")
    assert client.get(made["url"]).status_code == 404


def test_a_wrong_term_is_named(call, things):
    answer = call("POST", f"/reports/{things().report.id}/links", {"days": 8})
    assert answer.status == 422 and set(answer.error["fields"]) == {"days"} and ShareLink.objects.count() == 1


def test_a_link_of_another_report_is_not_revoked(call, things):
    ours, theirs = things(), things("Elsewhere")
    assert call("DELETE", f"/reports/{ours.report.id}/links/{theirs.link.id}").status == 404
    assert not ShareLink.objects.exclude(revoked_at=None).exists()

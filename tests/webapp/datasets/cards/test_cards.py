"""The data card: what it tells, on its page and in its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from webapp.accounts.models import AuditEntry
from webapp.core.markdown import markdown as rendered
from webapp.datasets import describing
from webapp.datasets.cards import files, html, markdown, numbers
from webapp.datasets.cards.card import Card, Section, Table, card_of
from webapp.datasets.models import DatasetVersion, QualityCheck
from webapp.jobs import actions as jobs

SignedIn = Callable[[Any], Client]
EVIL = "<script>alert(1)</script>|*x*\n# y"


def facts(card: Card) -> dict[str, str]:
    return {name: value for section in card.sections for name, value in section.facts}


def page(version: DatasetVersion) -> str:
    return reverse("datasets:card", args=[version.dataset_id, version.number])


def test_a_card_tells_what_a_version_holds_and_where_it_came_from(version: DatasetVersion, owner: Any) -> None:
    card = card_of(version)
    told = facts(card)
    assert card.title == "Animals, version 1" and told["Images"] == "24" and told["By split"] == "train 18 · validation 3 · test 3"
    assert told["Width"] == "14 pixels" and told["Files that came"] == "24 png"
    assert told["Source"].startswith("animals.zip") and told["Hash of its rows (sha256)"] == version.fingerprint
    assert told["Classes told by"] == "class folders" and told["Made from"] == "the import"
    (table,) = next(section for section in card.sections if section.title == "Classes").tables
    assert table.rows[0][0] == "ant" and table.rows[0][-1] == "8"


def test_what_was_left_out_stands_on_it_by_rule(version: DatasetVersion) -> None:
    (table,) = next(section for section in card_of(version).sections if section.title == "The import").tables
    assert table.rows == [["cut short", "1"]]


def test_a_version_that_was_not_checked_says_so(version: DatasetVersion) -> None:
    quality = next(section for section in card_of(version).sections if section.title == "Quality")
    assert "was not checked" in quality.sentences[0]


def test_what_is_in_its_files_is_looked_up_once(version: DatasetVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    card = card_of(version)
    monkeypatch.setattr(files, "look_up", lambda version: pytest.fail("looked up again"))
    assert card_of(version) == card


@pytest.mark.parametrize("kept", ["", "[]", json.dumps({"format": 0}), json.dumps({"format": 1, "version": "another"})])
def test_what_another_program_kept_is_looked_up_anew(kept: str, version: DatasetVersion) -> None:
    card = card_of(version)
    files.kept_in(version).write_text(kept)
    assert card_of(version) == card


@pytest.mark.parametrize(
    ("path", "ending"),
    [("a/b.JPG", "jpg"), ("a.b/c", ""), ("a/.hidden", ""), ("box/00042", ""), ("x.tar.gz", "gz"), ("a.j\\u00e9", ""), ("", "")],
)
def test_an_ending_is_letters_behind_the_last_point(path: str, ending: str) -> None:
    assert files.ending(path) == ending


def test_what_the_newest_check_found_stands_on_it(version: DatasetVersion, owner: Any) -> None:
    job = jobs.submit(team=version.dataset.team, user=owner, kind="quality", title="Check")
    made = {"team": version.dataset.team, "created_by": owner, "version": version, "job": job}
    QualityCheck.objects.create(counts={"dark": 3, "leak": 1, "flat": 0}, leaks={"train-test": 1}, facts={}, **made)
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    quality = next(section for section in card_of(version).sections if section.title == "Quality")
    assert quality.sentences == ["1 of 3 test images also stand in train."] and quality.facts[0][1].endswith("by owner")
    assert quality.tables[0].rows == [["The same image in two splits", "1"], ["Much darker than the others", "3"]]


def test_columns_of_few_values_are_groups() -> None:
    groups = files.Groups(["site", "number", "same"])
    for number in range(30):
        groups.add([f"site {number % 2}", str(number), "x"], number % 3)
    assert groups.told() == [{"column": "site", "values": {"site 0": [5, 5, 5], "site 1": [5, 5, 5]}}]


def of_numbers(values: list[str], name: str = "age") -> list[dict[str, Any]]:
    groups = files.Groups([name])
    for place, value in enumerate(values):
        groups.add([value], place % 3)
    return groups.told()


def test_a_column_of_numbers_makes_groups_of_a_fifth_each() -> None:
    (age,) = of_numbers([str(18 + place % 60) for place in range(300)])
    assert list(age["values"]) == ["18 to 29", "30 to 41", "42 to 53", "54 to 65", "66 to 77"]
    assert [sum(counts) for counts in age["values"].values()] == [60] * 5 and age["lows"] == [18, 30, 42, 54, 66]


def test_images_without_a_number_are_a_group_of_their_own() -> None:
    (age,) = of_numbers([str(place / 4) for place in range(100)] + ["", "NaN", "n/a"])
    assert age["values"][""] == [1, 1, 1] and len(age["values"]) == 6
    read = numbers.reader(age, 80)
    assert [read(cell) for cell in ("0", "24.75", "", "n/a")] == ["0 to 4.75", "20 to 24.75", "", ""]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([str(place) for place in range(100)], "frame"),
        ([str(place % 40) for place in range(200)], "patient_id"),
        ([str(place % 40) for place in range(200)], "ID"),
        ([str(place % 40) for place in range(200)] + ["many"], "age"),
        ([str(1 + place * 1e-9) for place in range(200)], "weight"),
    ],
)
def test_numbers_that_name_an_image_or_a_thing_or_are_not_all_numbers_make_none(values: list[str], name: str) -> None:
    assert of_numbers(values, name) == []


def test_of_many_columns_of_numbers_those_of_many_values_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SURE", 60)
    groups = files.Groups(["id", "a", "b", "c", "d", "age"])
    for place in range(300):
        groups.add([str(place % 90), *(str(place % few) for few in (2, 3, 4, 5)), str(18 + place % 60)], place % 3)
    assert [told["column"] for told in groups.told()] == ["a", "b", "c", "d", "age"] and set(groups.numbers) == {1, 2, 3, 5}


@pytest.fixture
def odd() -> Card:
    """A card whose every word is markup."""
    table = Table(EVIL, [EVIL, "n"], [[EVIL, "1"]], EVIL)
    return Card(EVIL, "**Good** <script>alert(2)</script> [in](/team/)", EVIL, [Section("Facts", [("Name", EVIL)], [EVIL], [table])])


def test_no_name_is_markup_in_the_markdown_file(odd: Card) -> None:
    text = markdown.written(odd._replace(description=""))
    shown = rendered(text)
    assert "<script>" not in shown and "<em>" not in shown and shown.count("<td>") == 1
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;|*x* # y") == 8


def test_no_name_is_markup_in_the_html_file_and_its_policy_forbids_scripts(odd: Card) -> None:
    text = html.standalone(odd)
    assert "<script" not in text and "<strong>Good</strong>" in text and 'href="/team/"' not in text
    assert "default-src 'none'; style-src 'sha256-" in text.replace("&#x27;", "'")


def test_the_files_are_given_out_as_files(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    client = signed_in(viewer)
    for kind, ending in (("card-markdown", "md"), ("card-html", "html")):
        answer = client.get(reverse(f"datasets:{kind}", args=[version.dataset_id, 1]))
        assert (
            answer["Content-Disposition"] == f'attachment; filename="animals-v1-card.{ending}"' and b"Animals, version 1" in answer.content
        )


def test_a_version_whose_files_are_gone_has_no_card(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    (version.folder / "samples.bin").unlink()
    assert signed_in(viewer).get(page(version)).status_code == 404


def test_what_the_team_writes_stands_on_the_page_as_markdown(version: DatasetVersion, editor: Any, signed_in: SignedIn) -> None:
    client = signed_in(editor)
    sent = {"description": "**Ants** of <b>our</b> garden.\r\n", "licence": " CC BY  4.0 "}
    assert client.post(reverse("datasets:describe", args=[version.dataset_id]), sent).status_code == 302
    text = client.get(page(version)).content.decode()
    assert "<strong>Ants</strong> of &lt;b&gt;our&lt;/b&gt; garden." in text and "Licence: CC BY 4.0" in text
    assert AuditEntry.objects.filter(verb="dataset.describe", user=editor).count() == 1


def test_the_same_words_again_leave_nothing_in_the_log(version: DatasetVersion, actor_of: Callable[..., Any], editor: Any) -> None:
    for _ in range(2):
        describing.describe(actor_of(editor), version.dataset, "Ants.", "")
    assert AuditEntry.objects.filter(verb="dataset.describe").count() == 1


def test_a_viewer_sees_the_words_and_no_form(version: DatasetVersion, viewer: Any, signed_in: SignedIn) -> None:
    client = signed_in(viewer)
    assert b"Nobody has described this dataset yet." in client.get(page(version)).content
    assert client.post(reverse("datasets:describe", args=[version.dataset_id])).status_code == 403


def test_who_saves_over_somebody_elses_words_sees_both(
    version: DatasetVersion, editor: Any, owner: Any, signed_in: SignedIn, actor_of: Callable[..., Any]
) -> None:
    begun = describing.mark(version.dataset)
    describing.describe(actor_of(owner), version.dataset, "Theirs.", "")
    sent = {"description": "Mine.", "licence": "", "mark": begun}
    answer = signed_in(editor).post(reverse("datasets:describe", args=[version.dataset_id]), sent)
    text = answer.content.decode()
    assert (
        answer.status_code == 409
        and "Somebody else saved while you wrote." in text
        and "<p>Theirs.</p>" in text
        and ">Mine.</textarea>" in text
    )
    version.dataset.refresh_from_db()
    assert version.dataset.description == "Theirs."


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"description": "x" * 20_001}, "at most 20,000 characters; 20,001 came"),
        ({"licence": "x" * 201}, "at most 200 characters; 201 came"),
    ],
)
def test_words_that_are_too_long_are_told_at_their_field(
    sent: dict[str, str], words: str, version: DatasetVersion, editor: Any, signed_in: SignedIn
) -> None:
    answer = signed_in(editor).post(reverse("datasets:describe", args=[version.dataset_id]), sent)
    assert answer.status_code == 422 and words in answer.content.decode()

"""One click on a finding is one edit of the draft, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from classifier.spec.errors import InputError
from classifier.spec.quality import KINDS
from webapp.datasets import drafts
from webapp.datasets.models import Dataset, DatasetVersion, Draft, Edit
from webapp.datasets.quality import actions, fixing
from webapp.datasets.quality_models import QualityCheck
from webapp.jobs import actions as jobs

SPREAD = {"edges": [0.0, 1.0], "counts": [24], "median": 0.5}
FOUND = [
    ["near_leak", 0, 9, None, 0.99],
    ["near_leak", 2, 10, None, 0.98],
    ["two_labels", 4, 12, 1, 1.0],
    ["label", 3, None, 2, 0.8],
    ["dark", 5, None, None, 4.0],
]
TOLD: dict[str, Any] = {
    "counts": dict.fromkeys(KINDS, 0) | {"near_leak": 2, "two_labels": 1, "label": 1, "dark": 1},
    "leaks": {"train-validation": 0, "train-test": 2, "validation-test": 0},
    "means": [],
    "distributions": {"size": SPREAD, "aspect": SPREAD, "brightness": SPREAD},
    "findings": FOUND,
}


@pytest.fixture
def actor(owner: Any, actor_of: Any) -> Any:
    return actor_of(owner)


@pytest.fixture
def check(version: DatasetVersion, actor: Any) -> QualityCheck:
    """A check of 24 pictures (0 to 7 ants, 8 to 15 bees, 16 to 23 cows) that has ended well."""
    made = actions.start(actor, version)
    claim = jobs.claim(made.job_id, "host@here:1")
    actions.staged(made, TOLD, lambda: jobs.fence(claim))
    jobs.finish(claim, also=lambda: actions.finished(made, TOLD))
    return made


@pytest.fixture
def click(check: QualityCheck, dataset: Dataset, owner: Any, signed_in: Any) -> Any:
    """Presses a button of the page of findings."""
    client = signed_in(owner)
    fields = {"check": check.pk}
    return lambda **more: client.post(reverse("datasets:fix", args=[dataset.id]), fields | more, follow=True)


def said(draft: Draft) -> set[tuple[int, int | None, bool]]:
    return set(draft.samples.values_list("position", "label", "removed"))


def test_take_out_is_one_edit_with_its_reason(click: Any, dataset: Dataset) -> None:
    click(kind="near_leak", rank="0", do="out")
    draft = drafts.current(dataset)
    assert draft and said(draft) == {(0, None, True)}
    assert Edit.objects.get().why == "quality check: nearly the same image in two splits"


def test_the_other_of_a_pair_can_go_as_well(click: Any, dataset: Dataset) -> None:
    click(kind="near_leak", rank="0", do="other")
    assert said(Draft.objects.get()) == {(9, None, True)}


def test_a_doubted_label_becomes_what_it_seems(click: Any, dataset: Dataset) -> None:
    click(kind="label", rank="0", do="label")
    assert said(Draft.objects.get()) == {(3, 2, False)}


def test_one_image_with_two_labels_gets_the_others(click: Any, dataset: Dataset) -> None:
    click(kind="two_labels", rank="0", do="label")
    assert said(Draft.objects.get()) == {(4, 1, False)}


def test_all_copies_go_at_once_and_come_back_at_once(click: Any, dataset: Dataset, actor: Any) -> None:
    click(kind="near_leak", all="1")
    assert said(Draft.objects.get()) == {(0, None, True), (2, None, True)} and Edit.objects.count() == 1
    drafts.undo(actor, dataset)
    assert said(Draft.objects.get()) == set()


def test_what_has_to_be_looked_at_goes_one_by_one(click: Any) -> None:
    assert "looked at one by one" in click(kind="dark", all="1").content.decode() and not Draft.objects.exists()


def test_the_page_shows_what_the_draft_says(click: Any, dataset: Dataset, owner: Any, signed_in: Any) -> None:
    click(kind="label", rank="0", do="label")
    click(kind="near_leak", rank="1", do="out")
    client, address = signed_in(owner), reverse("datasets:quality", args=[dataset.id])
    labels = client.get(address, {"kind": "label"}).content.decode()
    assert "was ant" in labels and "Label as cow" not in labels and "looks like" not in labels
    page = client.get(address, {"kind": "near_leak"}).content.decode()
    assert "taken out" in page and "Undo" in page and "Take the left one of each pair out" in page


def test_a_viewer_finds_no_button_and_may_not_press_one(check: QualityCheck, dataset: Dataset, viewer: Any, signed_in: Any) -> None:
    client = signed_in(viewer)
    page = client.get(reverse("datasets:quality", args=[dataset.id]), {"kind": "dark"}).content.decode()
    assert "Take out" not in page
    answer = client.post(reverse("datasets:fix", args=[dataset.id]), {"check": check.pk, "kind": "dark", "rank": "0"})
    assert answer.status_code == 403 and not Draft.objects.exists()


def test_a_check_of_an_older_version_fixes_nothing(check: QualityCheck, actor: Any, version: DatasetVersion) -> None:
    values = {"fingerprint": "e" * 64, "images": 24, "classes": version.classes, "ready": True}
    DatasetVersion.objects.create(dataset=version.dataset, number=2, **values)
    with pytest.raises(InputError, match="it is of version 1"):
        fixing.fix(actor, check, "dark", fixing.OUT, [0])


@pytest.mark.parametrize(
    "fields", [{"kind": "nothing", "rank": "0"}, {"kind": "dark"}, {"kind": "dark", "rank": "x"}, {"kind": "dark", "rank": "7"}]
)
def test_a_click_on_nothing_changes_nothing(click: Any, fields: dict[str, str]) -> None:
    assert click(**fields).status_code == 200 and not Edit.objects.exists()


@pytest.fixture
def press(check: QualityCheck, dataset: Dataset, owner: Any, signed_in: Any) -> Any:
    """The same as a script does it, which gets a part of the page."""
    client = signed_in(owner)
    fields = {"check": check.pk}

    def send(**more: str) -> str:
        answer = client.post(reverse("datasets:fix", args=[dataset.id]), fields | more, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return str(answer.content.decode())

    return send


def test_a_script_gets_the_finding_as_it_stands_and_the_bar(press: Any) -> None:
    part = press(kind="near_leak", rank="0", do="out")
    assert "Left one taken out" in part and 'value="undo"' in part and "1 taken out" in part
    assert "<html" not in part and 'id="finding-1"' not in part


def test_others_of_the_page_stand_aside(press: Any) -> None:
    part = press(kind="near_leak", rank="0", do="out", also="1,7,x,")
    assert part.index('id="finding-0"') < part.index('id="finding-1"') and 'id="finding-7"' not in part


def test_only_what_is_still_open_is_listed_on_request(press: Any, dataset: Dataset, owner: Any, signed_in: Any) -> None:
    def listed() -> list[int]:
        page = signed_in(owner).get(reverse("datasets:quality", args=[dataset.id]), {"kind": "near_leak", "open": "1"})
        return [row.finding.rank for row in page.context["rows"]]

    assert listed() == [0, 1]
    press(kind="near_leak", rank="0", do="other")
    assert listed() == [1]
    press(kind="near_leak", rank="1", do="out")
    assert listed() == []


def test_undo_takes_ones_own_click_back_and_leaves_no_edit_that_holds(press: Any, dataset: Dataset) -> None:
    press(kind="label", rank="0", do="label")
    part = press(kind="label", rank="0", do="undo")
    assert "Label as cow" in part and said(Draft.objects.get()) == set()
    assert Edit.objects.get().undone_at


def test_undo_of_what_was_done_to_many_brings_back_one_alone(press: Any, click: Any, dataset: Dataset) -> None:
    click(kind="near_leak", all="1")
    press(kind="near_leak", rank="1", do="undo")
    assert said(Draft.objects.get()) == {(0, None, True)} and not Edit.objects.filter(undone_at__isnull=False).exists()


def test_undo_of_anothers_label_says_what_the_version_says(press: Any, dataset: Dataset, editor: Any, actor_of: Any) -> None:
    drafts.change(actor_of(editor), dataset, [3], label="cow", split=2)
    assert "Taken out" in press(kind="label", rank="0", do="out")
    assert "Labelled cow" in press(kind="label", rank="0", do="undo")
    assert "Label as cow" in press(kind="label", rank="0", do="undo")
    assert said(Draft.objects.get()) == set()


def test_an_undo_of_a_pair_is_done_for_both_or_for_neither(
    press: Any, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, actor: Any, check: QualityCheck
) -> None:
    press(kind="near_leak", rank="0", do="out")
    press(kind="near_leak", rank="0", do="other")
    before, one = said(Draft.objects.get()), fixing.undo_one

    def second_fails(actor: Any, draft: Draft, position: int, says: Any) -> Edit:
        if position == 9:
            raise InputError("It was changed again meanwhile.")
        return one(actor, draft, position, says)

    monkeypatch.setattr(fixing, "undo_one", second_fails)
    with pytest.raises(InputError, match="changed again"):
        fixing.undo(actor, check, "near_leak", 0)
    assert said(Draft.objects.get()) == before == {(0, None, True), (9, None, True)}
    monkeypatch.undo()
    fixing.undo(actor, check, "near_leak", 0)
    assert said(Draft.objects.get()) == set()


def test_an_undo_of_nothing_is_said_in_its_place(press: Any) -> None:
    assert "says nothing of these images" in press(kind="dark", rank="0", do="undo")


def test_a_check_that_is_gone_is_said(click: Any) -> None:
    assert "checked again" in click(check="0" * 20, kind="dark", rank="0").content.decode()

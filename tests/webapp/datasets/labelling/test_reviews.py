"""A second person labels a share again, blind; how far the two agree, and what holds where they do not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from classifier.spec.errors import InputError
from tests.webapp.datasets.drafts.test_changing import says
from tests.webapp.datasets.labelling.conftest import figures, next_of, positions, say
from webapp.accounts.actor import Actor
from webapp.accounts.models import AuditEntry
from webapp.datasets import drafts, labelling
from webapp.datasets.history import steps
from webapp.datasets.labelling import reviewing, sources
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import Dataset

FIRST = ["bee", "bee", "cow", "ant", "bee", "ant", "cow", "ant"]
SECOND = ["bee", "ant", "cow", "ant", "bee", "bee", "cow", "ant"]


@pytest.fixture
def answered(actor: Actor, ants: LabelRound) -> LabelRound:
    """The eight ants, labelled by the first person."""
    say(actor, ants, *FIRST)
    return ants


@pytest.fixture
def review(actor: Actor, answered: LabelRound) -> LabelRound:
    """All of them again."""
    return labelling.start_review(actor, answered, 1.0)


@pytest.fixture
def reviewed(other: Actor, review: LabelRound) -> LabelRound:
    """By the second person, who differs about two images."""
    say(other, review, *SECOND)
    return review


def page(client: Client, review: LabelRound, **query: Any) -> str:
    answer = client.get(reverse("datasets:agreement", args=[review.dataset_id, review.id]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_labelled_an_image_does_not_review_it(actor: Actor, other: Actor, review: LabelRound) -> None:
    handed = labelling.hand_out(actor, review)
    assert handed.items == [] and not handed.more and positions(other, review) == [0, 1, 2, 3, 4] and review.images == 8


def test_of_two_peoples_answers_each_reviews_the_others(actor: Actor, other: Actor, ants: LabelRound) -> None:
    say(actor, ants, "bee")
    labelling.give_back(actor, ants)
    say(other, ants, "bee")
    review = labelling.start_review(actor, ants, 1.0)
    assert (positions(actor, review), positions(other, review)) == ([1], [0])


def test_a_share_is_drawn_by_chance_and_the_same_each_time(actor: Actor, other: Actor, everything: LabelRound, monkeypatch: Any) -> None:
    say(actor, everything, *["owl"] * 24)
    monkeypatch.setattr(sources, "REVIEW_ROWS", 5)
    review = labelling.start_review(actor, everything, 0.5)
    drawn = [position for position in range(24) if sources.is_drawn(review.id, position, 0.5)]
    say(other, review, *["owl"] * len(drawn))
    assert review.images == len(drawn) and list(LabelItem.objects.filter(round=review).values_list("position", flat=True)) == drawn
    assert next_of(other, review) == []


def test_a_look_that_finds_nothing_drawn_says_that_there_may_be_more(
    actor: Actor, other: Actor, everything: LabelRound, monkeypatch: Any
) -> None:
    say(actor, everything, *["owl"] * 24)
    monkeypatch.setattr(sources, "REVIEW_ROWS", 5)
    review = labelling.start_review(actor, everything, 0.5)
    monkeypatch.setattr(sources, "is_drawn", lambda _, position, __: position == 23)
    assert labelling.hand_out(other, review) == ([], True)
    assert [item.position for item in next_of(other, review)] == [23]


def test_a_share_of_many_is_near_what_was_asked() -> None:
    drawn = sum(sources.is_drawn("a round", position, 0.1) for position in range(20_000))
    assert 1_850 < drawn < 2_150


def test_a_review_shows_neither_the_label_nor_the_path(other: Actor, review: LabelRound, signed_in: Any) -> None:
    client = signed_in(other.user)
    answer = client.post(reverse("datasets:round-next", args=[review.dataset_id, review.id]))
    item = answer.json()["items"][0]
    assert (item["path"], item["was"], item["suggested"]) == ("", "", None)
    html = client.get(reverse("datasets:round", args=[review.dataset_id, review.id])).content.decode()
    assert "ant/000.png" not in html and "Take out" not in html


def test_a_reviews_answers_change_no_label(dataset: Dataset, answered: LabelRound, reviewed: LabelRound) -> None:
    assert says(dataset) == {0: (1, None, False), 1: (1, None, False), 2: (2, None, False), 4: (1, None, False), 6: (2, None, False)}
    assert figures(reviewed) == (8, 0, 0)


def test_an_answer_is_kept_with_whether_the_two_agree(reviewed: LabelRound) -> None:
    agreed = LabelItem.objects.filter(round=reviewed).order_by("position").values_list("agreed", flat=True)
    assert list(agreed) == [one == two for one, two in zip(FIRST, SECOND, strict=True)]


def test_agreement_is_cohens_kappa(reviewed: LabelRound) -> None:
    from sklearn.metrics import cohen_kappa_score

    told = reviewing.compared(reviewed)
    assert told.agreement.kappa == pytest.approx(cohen_kappa_score(FIRST, SECOND)) and told.agreement.agreed == 6
    assert told.pairs == [("ant", "bee", 1), ("bee", "ant", 1)] and told.open == 2


def renamed(labels: list[str]) -> list[str]:
    return ["hornet" if label == "bee" else label for label in labels]


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_class_that_was_renamed_between_is_the_same(
    actor: Actor, other: Actor, dataset: Dataset, review: LabelRound, seal: Any, is_sealed: bool
) -> None:
    drafts.rename_class(actor, dataset, "bee", "hornet")
    if is_sealed:
        seal()
    say(other, review, *renamed(SECOND))
    told = reviewing.compared(review)
    assert told.agreement.agreed == 6 and told.pairs == [("ant", "hornet", 1), ("hornet", "ant", 1)]


def test_a_class_that_was_merged_between_is_the_one_that_it_went_into(
    actor: Actor, other: Actor, dataset: Dataset, review: LabelRound
) -> None:
    drafts.rename_class(actor, dataset, "cow", "calf")
    drafts.merge_class(actor, dataset, "calf", "bee")
    say(other, review, *["bee"] * 8)
    assert reviewing.compared(review).agreement.agreed == 5  # three bees and two cows


def test_a_renaming_that_was_taken_back_is_none(actor: Actor, other: Actor, dataset: Dataset, review: LabelRound) -> None:
    drafts.rename_class(actor, dataset, "bee", "hornet")
    drafts.undo(actor, dataset)
    say(other, review, *SECOND)
    assert reviewing.compared(review).agreement.agreed == 6


def test_a_class_is_meant_by_the_name_that_an_older_page_knows(actor: Actor, other: Actor, dataset: Dataset, review: LabelRound) -> None:
    drafts.rename_class(actor, dataset, "bee", "hornet")
    assert [item.label for item in say(other, review, "bee", "hornet", "newt")] == ["hornet", "hornet", "newt"]


def test_each_pair_of_people_is_compared_by_itself(actor: Actor, other: Actor, ants: LabelRound, owner: Any, signed_in: Any) -> None:
    say(actor, ants, "bee", "ant", "bee")
    labelling.give_back(actor, ants)
    say(other, ants, "bee", "ant")
    review = labelling.start_review(actor, ants, 1.0)
    say(other, review, "bee", "ant", "ant")
    say(actor, review, "ant", "bee")
    told = reviewing.compared(review)
    assert [(pair.first, pair.second, pair.agreement.agreed, pair.agreement.images) for pair in told.people] == [
        ("owner", "editor", 2, 3),
        ("editor", "owner", 0, 2),
    ]
    assert told.agreement.images == 5 and told.people[1].agreement.kappa == pytest.approx(-1.0)
    html = page(signed_in(owner), review)
    assert "By people" in html and "2 pairs of people together" in html


def test_a_review_takes_nothing_out(other: Actor, review: LabelRound) -> None:
    with pytest.raises(InputError, match="A review takes no image out"):
        labelling.take_out(other, review, labelling.hand_out(other, review).items[0].pk)


def test_a_reviewers_answer_is_undone(other: Actor, reviewed: LabelRound) -> None:
    assert labelling.undo(other, reviewed).position == 7 and figures(reviewed) == (7, 0, 0)


def test_what_holds_goes_into_the_draft_with_who_said_what(actor: Actor, dataset: Dataset, reviewed: LabelRound) -> None:
    first, second = reviewing.disagreements(reviewed)
    reviewing.settle(actor, reviewed, first.pk, "ant")
    edit = drafts.current(dataset).edits.latest("number")
    assert says(dataset).get(1) is None and edit.why == "Review: ant · settled: owner said bee, editor ant"
    assert reviewing.compared(reviewed).open == 1 and reviewing.compared(reviewed).agreement.agreed == 6
    reviewing.settle(actor, reviewed, second.pk, "ant")  # as it is already
    assert reviewing.compared(reviewed).open == 0


def test_a_disagreement_may_be_settled_by_a_third_label_and_anew(actor: Actor, dataset: Dataset, reviewed: LabelRound) -> None:
    (first, _) = reviewing.disagreements(reviewed)
    for label, number in (("owl", 3), ("cow", 2)):
        assert reviewing.settle(actor, reviewed, first.pk, label).settled == label
        assert says(dataset)[1] == (number, None, False)


def test_what_was_settled_and_is_undone_in_the_gallery_is_open_again(actor: Actor, dataset: Dataset, reviewed: LabelRound) -> None:
    (first, _) = reviewing.disagreements(reviewed)
    reviewing.settle(actor, reviewed, first.pk, "cow")
    drafts.undo(actor, dataset)
    assert reviewing.compared(reviewed).open == 2 and figures(reviewed) == (8, 0, 0)


def test_what_two_agree_about_is_not_settled(actor: Actor, reviewed: LabelRound) -> None:
    same = LabelItem.objects.filter(round=reviewed, agreed=True).first()
    with pytest.raises(InputError, match="There is no such disagreement"):
        reviewing.settle(actor, reviewed, same.pk, "owl")


def test_the_history_tells_reviews(dataset: Dataset, reviewed: LabelRound) -> None:
    assert ("editor", "reviewed it as ant", "Review: ant") in [(step.who, step.words, step.why) for step in steps(dataset, 1)]


@pytest.mark.parametrize("share", [0.0, 0.001, 1.5])
def test_a_share_of_nothing_and_of_more_than_all_is_refused(actor: Actor, answered: LabelRound, share: float) -> None:
    with pytest.raises(InputError, match="from 1 % to 100 %"):
        labelling.start_review(actor, answered, share)


def test_a_share_that_draws_no_image_begins_no_review(actor: Actor, answered: LabelRound, monkeypatch: Any) -> None:
    monkeypatch.setattr(sources, "is_drawn", lambda *_: False)
    with pytest.raises(InputError, match="is not one image"):
        labelling.start_review(actor, answered, 0.5)
    assert LabelRound.objects.count() == 1


def test_nothing_answered_is_nothing_to_review(actor: Actor, ants: LabelRound) -> None:
    with pytest.raises(InputError, match="nothing to review"):
        labelling.start_review(actor, ants, 1.0)


def test_a_review_is_not_reviewed(actor: Actor, reviewed: LabelRound) -> None:
    with pytest.raises(InputError, match="A review is not reviewed"):
        labelling.start_review(actor, reviewed, 1.0)


def test_the_page_tells_figures_and_lists_disagreements_to_settle(owner: Any, signed_in: Any, reviewed: LabelRound) -> None:
    client = signed_in(owner)
    html = page(client, reviewed)
    assert "0.62" in html and "substantial, between" in html and "6 of 8 images" in html
    assert html.count('class="disagreement ') + html.count('class="disagreement"') == 2 and "It is bee" in html
    first = reviewing.disagreements(reviewed)[0]
    answer = client.post(
        reverse("datasets:round-settle", args=[reviewed.dataset_id, reviewed.id]), {"item": first.pk, "label": "cow"}, follow=True
    )
    assert "Settled: cow." in answer.content.decode()


def test_many_disagreements_come_some_at_a_time(owner: Any, signed_in: Any, reviewed: LabelRound, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.datasets.views.reviews.ROWS", 1)
    first, second = reviewing.disagreements(reviewed)
    client = signed_in(owner)
    assert f"?after={first.pk}" in page(client, reviewed) and "More disagreements" not in page(client, reviewed, after=first.pk)
    assert "There are no more" in page(client, reviewed, after=second.pk)


def test_before_anybody_reviewed_the_page_says_so(owner: Any, signed_in: Any, review: LabelRound) -> None:
    assert "Nobody has reviewed an image yet" in page(signed_in(owner), review)


def test_a_round_that_is_no_review_has_no_agreement(owner: Any, signed_in: Any, ants: LabelRound) -> None:
    assert signed_in(owner).get(reverse("datasets:agreement", args=[ants.dataset_id, ants.id])).status_code == 404


def test_the_label_page_begins_a_review(owner: Any, signed_in: Any, answered: LabelRound) -> None:
    client = signed_in(owner)
    answer = client.post(reverse("datasets:round-change", args=[answered.dataset_id, answered.id]), {"do": "review", "share": "50"})
    made = LabelRound.objects.get(kind="review")
    assert answer.url == reverse("datasets:round", args=[answered.dataset_id, made.id]) and made.about["share"] == 0.5
    assert AuditEntry.objects.filter(verb="dataset.review").exists()

"""The Quality page as each member meets it: before a check, while it runs, and with what was found."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.urls import reverse

from classifier.spec.quality import KINDS
from webapp.datasets import removing
from webapp.datasets.cards.card import card_of
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality import actions, charts, queries, showing
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job

SPREAD = {"edges": [0.0, 1.0, 2.0], "counts": [3, 4], "median": 1.2}
TOLD: dict[str, Any] = {
    "format": 1,
    "dataset": "x",
    "images": 24,
    "counts": dict.fromkeys(KINDS, 0) | {"near_leak": 1, "label": 2, "dark": 1},
    "leaks": {"train-validation": 0, "train-test": 1, "validation-test": 0},
    "imbalance": {"largest": [0, 40], "smallest": [1, 2], "ratio": 20.0, "suspicious": True},
    "shortcuts": [{"by": "size", "accuracy": 0.97, "chance": 0.33, "images": 24, "suspicious": True}],
    "distributions": {"size": SPREAD, "aspect": SPREAD, "brightness": SPREAD},
    "means": [{"class": 0, "png": "iVBORw0KGgo="}],
    "judged": {"images": 24, "accuracy": 0.91, "reason": ""},
    "findings": [["near_leak", 0, 9, None, 0.99], ["label", 3, None, 2, 0.8], ["label", 12, None, 0, 0.5], ["dark", 5, None, None, 4.0]],
}


@pytest.fixture
def asked(version: DatasetVersion, owner: Any, actor_of: Any) -> QualityCheck:
    """A check that waits."""
    return actions.start(actor_of(owner), version)


@pytest.fixture
def report(asked: QualityCheck) -> QualityCheck:
    """A check that has ended well."""
    claim = jobs.claim(asked.job_id, "host@here:1")
    actions.staged(asked, TOLD, lambda: jobs.fence(claim))
    jobs.finish(claim, also=lambda: actions.finished(asked, TOLD))
    asked.refresh_from_db()
    return asked


def page(client: Any, dataset: Dataset, **query: Any) -> str:
    answer = client.get(reverse("datasets:quality", args=[dataset.id]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_a_check_the_page_offers_one(dataset: Dataset, owner: Any, signed_in: Any) -> None:
    assert "Check this dataset" in page(signed_in(owner), dataset)


def test_a_viewer_is_told_who_can_start_one(dataset: Dataset, viewer: Any, signed_in: Any) -> None:
    shown = page(signed_in(viewer), dataset)
    assert "Check this dataset" not in shown and "An editor of the team" in shown


def test_the_button_queues_one_job_however_often_it_is_pressed(dataset: Dataset, owner: Any, signed_in: Any) -> None:
    client = signed_in(owner)
    for _ in range(2):
        client.post(reverse("datasets:check", args=[dataset.id]))
    job = Job.objects.get(kind="quality")
    assert (job.queue, job.state) == ("host", "queued") and QualityCheck.objects.count() == 1


def test_while_it_waits_the_page_follows_it(dataset: Dataset, asked: QualityCheck, owner: Any, signed_in: Any) -> None:
    client = signed_in(owner)
    assert f'data-job="{asked.job_id}"' in page(client, dataset)
    assert "Waiting" in client.get(reverse("datasets:quality-status", args=[dataset.id])).content.decode()


def test_once_it_has_ended_the_page_is_loaded_anew(dataset: Dataset, report: QualityCheck, owner: Any, signed_in: Any) -> None:
    answer = signed_in(owner).get(reverse("datasets:quality-status", args=[dataset.id]))
    assert answer.status_code == 204 and answer.headers["HX-Refresh"] == "true"


def test_a_failed_check_says_why(dataset: Dataset, asked: QualityCheck, owner: Any, signed_in: Any) -> None:
    jobs.fail(jobs.claim(asked.job_id, "host@here:1"), "The disk is gone.", "gone", retry=False)
    shown = page(signed_in(owner), dataset)
    assert "The disk is gone." in shown and "Check again" in shown


def test_a_version_that_nobody_checked_says_what_was_found_in_the_one_before(
    dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any
) -> None:
    first = report.version
    DatasetVersion.objects.create(dataset=dataset, number=2, fingerprint="f" * 64, classes=first.classes, images=first.images)
    shutil.copytree(first.folder, dataset.versions.get(number=2).folder)
    shown = page(signed_in(viewer), dataset)
    assert "Not checked yet" in shown and "Version 1 was checked" in shown and ": 4 findings." in shown


def test_the_report_has_a_card_for_each_kind_that_was_found(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    shown = page(signed_in(viewer), dataset)
    assert "Nearly the same image in two splits" in shown and "Likely label errors" in shown and "Much darker than the others" in shown
    assert "1 of" in shown and "also stand in train" in shown


def told_anew(report: QualityCheck, **judged: Any) -> None:
    report.facts = report.facts | {"judged": report.facts["judged"] | judged}
    report.save(update_fields=["facts"])


def test_a_set_whose_labels_were_judged_in_part_says_in_which(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    told_anew(report, images=20, of=24)
    assert page(signed_in(viewer), dataset).count("20 of 24 images were judged") == 2  # above all, and beside what was doubted
    assert "20 of 24 images were judged." in page(signed_in(viewer), dataset, kind="label")
    assert "were judged" not in page(signed_in(viewer), dataset, kind="dark")


def test_labels_are_among_what_is_clean_only_as_far_as_they_were_judged(report: QualityCheck) -> None:
    report.counts = report.counts | {"label": 0}
    assert "Likely label errors" in showing.clean(report)
    told_anew(report, images=20, of=24)
    assert "Likely label errors (20 of 24 images were judged)" in showing.clean(report)
    told_anew(report, reason="The classes are too much alike.")
    assert not [title for title in showing.clean(report) if "label errors" in title]


def test_a_check_of_before_tells_its_part_by_all_images(report: QualityCheck) -> None:
    told_anew(report, images=20)
    assert showing.judged(report).part == "20 of 24 images were judged"


def test_the_data_card_says_whose_labels_were_judged(version: DatasetVersion, report: QualityCheck) -> None:
    told_anew(report, images=20, of=24)
    section = next(section for section in card_of(version).sections if section.title == "Quality")
    assert "Labels of 20 of 24 images were judged; of the others' nothing is known." in section.sentences
    told_anew(report, reason="No label was doubted.")
    section = next(section for section in card_of(version).sections if section.title == "Quality")
    assert section.sentences[-1] == "No label was doubted."


def test_the_report_tells_shortcuts_and_uneven_classes(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    shown = page(signed_in(viewer), dataset)
    assert "The size of an image alone tells the class of 97.0 %" in shown and "Classes differ much in size" in shown


def test_the_report_says_how_many_images_have_no_label(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    assert "unlabelled image" not in page(signed_in(viewer), dataset)
    actions.finished(report, TOLD | {"unlabelled": 1_200})
    assert "1,200 unlabelled images are no class" in page(signed_in(viewer), dataset)


def test_mean_images_of_many_classes_come_a_page_at_a_time(
    dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(showing, "MEANS", 2)
    QualityCheck.objects.update(means=[{"class": number, "png": "iVBORw0KGgo="} for number in range(3)])
    client, address = signed_in(viewer), f"{reverse('datasets:quality', args=[dataset.id])}?means=2"
    first = page(client, dataset)
    assert first.count('<figure class="mean">') == 2 and f'hx-get="{address}"' in first and "classes.</p>" not in first
    rest = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert rest.count('<figure class="mean">') == 1 and "cow" in rest and "hx-get" not in rest and "<html" not in rest
    assert "<html" in client.get(address).content.decode()


def test_classes_without_a_mean_image_are_told(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    assert "Of 1 of 3 classes." in page(signed_in(viewer), dataset)


def test_a_pair_is_shown_side_by_side(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    shown = page(signed_in(viewer), dataset, kind="near_leak")
    paths = list(report.version.samples.filter(position__in=[0, 9]).values_list("path", flat=True))
    assert all(path in shown for path in paths) and shown.count('class="tile"') == 2


def test_a_doubted_label_names_the_class_that_it_seems(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    shown = page(signed_in(viewer), dataset, kind="label")
    assert "looks like <b>cow</b>" in shown and "surer by 80 %" in shown


def test_findings_of_one_class_alone_can_be_shown(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    label = report.version.samples.get(position=12).label
    rows = signed_in(viewer).get(reverse("datasets:quality", args=[dataset.id]), {"kind": "label", "label": label}).context["rows"]
    assert [row.finding.position for row in rows] == [12]


def test_the_list_goes_on_where_it_ended(dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.datasets.views.quality.ROWS", 1)
    client, address, seen = signed_in(viewer), f"{reverse('datasets:quality', args=[dataset.id])}?kind=label", []
    while address:
        context = client.get(address).context
        seen += [row.finding.position for row in context["rows"]]
        address = context["next"]
    assert seen == [3, 12]


@pytest.mark.parametrize("query", ["kind=nothing", "kind=label&label=99", "kind=label&label=x", "kind=label&after=-4", "kind=%00"])
def test_a_query_that_makes_no_sense_is_no_error(query: str, dataset: Dataset, report: QualityCheck, viewer: Any, signed_in: Any) -> None:
    assert signed_in(viewer).get(f"{reverse('datasets:quality', args=[dataset.id])}?{query}").status_code == 200


def test_the_report_counts_no_rows(
    dataset: Dataset, report: QualityCheck, owner: Any, signed_in: Any, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(owner)
    with django_assert_max_num_queries(18) as captured:
        page(client, dataset)
    assert not [query["sql"] for query in captured if "COUNT(" in query["sql"] and "finding" in query["sql"]]


def test_ranks_begin_anew_for_each_kind(report: QualityCheck) -> None:
    assert list(Finding.objects.filter(of=report).order_by("kind", "rank").values_list("kind", "rank")) == [
        ("dark", 0),
        ("label", 0),
        ("label", 1),
        ("near_leak", 0),
    ]


def test_a_check_goes_for_good_with_its_dataset(dataset: Dataset, report: QualityCheck, owner: Any, actor_of: Any) -> None:
    removing.delete(actor_of(owner), dataset)
    removing.purge(dataset, actor_of(owner))
    while not removing.finish(dataset):
        pass
    assert not QualityCheck.objects.exists() and not Finding.objects.exists() and not Job.objects.filter(kind="quality").exists()


def test_a_dataset_in_the_trash_hides_its_check(dataset: Dataset, asked: QualityCheck, owner: Any, actor_of: Any) -> None:
    removing.delete(actor_of(owner), dataset)
    assert asked.job.in_trash


def test_a_histogram_says_what_it_shows_in_words() -> None:
    figure = charts.histogram("size", {"edges": [10.0, 20.0, 30.0], "counts": [3, 4], "median": 21.0})
    assert figure["layout"]["meta"]["summary"] == "Longer side: 7 images, half of them below 21 pixels."
    assert figure["data"][0]["customdata"] == ["10 to 20 pixels", "20 to 30 pixels"]


def test_what_leaks_is_known_from_the_newest_check(report: QualityCheck) -> None:
    known = queries.leaking(report.version)
    assert known.images == 1 and known.checked and known.words.startswith("1 of ") and known.words.endswith("also stands in train")


def test_before_a_check_the_import_tells_what_leaks(version: DatasetVersion) -> None:
    version.dataset.problem_rules = {"leak": 3}
    assert queries.leaking(version) == (3, "3 images in more than one split", False, "problems")

"""Pages of a dataset of three images: axes that count them, and what says that nothing was found."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.webapp.datasets.test_quality_fixes import actor, check  # noqa: F401 (fixtures)
from webapp.datasets.charts import images_by_class
from webapp.datasets.models import Dataset
from webapp.datasets.quality.charts import spreads
from webapp.datasets.quality_models import QualityCheck


def one_each(number: int) -> list[dict[str, Any]]:
    return [{"label": name, "name": name, "train": number, "validation": 0, "test": 0} for name in ("ant", "bee", "cow")]


def test_an_axis_of_few_images_has_no_mark_between_whole_numbers() -> None:
    few, many = (images_by_class(one_each(number))["layout"]["xaxis"] for number in (1, 70))
    assert few["dtick"] == 1 and "nticks" not in few
    assert many["nticks"] == 4 and "dtick" not in many


def test_edges_that_read_the_same_are_said_once() -> None:
    told = {"edges": [319.5 + step / 20 for step in range(21)], "counts": [3] + [0] * 19, "median": 320.0}
    layout = spreads({"size": told})["size"]["layout"]
    said = [text for text in layout["xaxis"]["ticktext"] if text]
    assert said == ["320"] and layout["yaxis"]["dtick"] == 1


def test_both_ends_of_an_axis_are_marked_and_its_title_stands_clear_of_the_numbers() -> None:
    layout = spreads({"size": {"edges": [100.0 + step for step in range(21)], "counts": [500] * 20, "median": 110.0}})["size"]["layout"]
    low, high = layout["xaxis"]["range"]
    assert all(low < place < high for place in layout["xaxis"]["tickvals"]) and layout["xaxis"]["ticktext"][-1] == "120"
    assert layout["yaxis"]["title"]["standoff"] > 0


def test_a_kind_of_which_nothing_was_found_says_so(
    dataset: Dataset,
    check: QualityCheck,  # noqa: F811
    owner: Any,
    signed_in: Any,
) -> None:
    client: Client = signed_in(owner)

    def page(**query: str) -> str:
        return client.get(reverse("datasets:quality", args=[dataset.id]), query).content.decode()

    assert "None was found" in page(kind="flat") and "None of this class" not in page(kind="flat")
    assert "None of this class" in page(kind="dark", label="2")

"""A training on a dataset without test images ends well, and its pages say that nothing was tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.reports.models import Report


@pytest.fixture(scope="module")
def trained(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, Path, dict]:
    """As everywhere here, of a dataset that gives no image to its test split."""
    from classifier.data.importer import import_dataset
    from classifier.spec.config import TrainConfig
    from classifier.training.loop import train

    folder = tmp_path_factory.mktemp("untested")
    imported = import_dataset(source, folder / "data", shares=(80, 20, 0))
    config = TrainConfig.from_mapping({"epochs": 1, "image_size": 8, "batch_size": 8, "augment": False, "device": "cpu"})
    return folder / "data", imported, folder / "run", train(folder / "data", folder / "run", config)


def test_the_training_succeeds(experiment, finish):
    assert finish(experiment).job.state == "succeeded"


@pytest.mark.parametrize("address", ["/reports/", "/reports/{report}/", "/evaluations/{evaluation}/", "/experiments/{experiment}/"])
def test_every_page_of_it_answers(address, report, signed_in, viewer):
    evaluation = report.evaluation
    known = {"report": report.id, "evaluation": evaluation.id, "experiment": evaluation.experiment_id}
    assert signed_in(viewer).get(address.format(**known)).status_code == 200


def test_the_report_says_that_there_was_nothing_to_test(report, signed_in, viewer):
    text = signed_in(viewer).get(f"/reports/{report.id}/").content.decode()
    assert Report.objects.get().evaluation.result["top1"] is None and "The test split has no images." in text

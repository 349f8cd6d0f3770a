"""The model card of a report, and the report on paper."""

from __future__ import annotations

import re
import shutil
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from webapp.evaluations import showing
from webapp.experiments.models import MetricPoint
from webapp.reports import cards, erasing, pdf
from webapp.reports.models import Report


@pytest.fixture
def page(signed_in, editor, report: Report):
    client: Client = signed_in(editor)
    return lambda name="card/": client.get(f"/reports/{report.id}/{name}")


def test_the_card_says_what_is_known(report: Report) -> None:
    card = cards.card_of(report)
    facts = {name: value for section in card.sections for name, value in section.facts}
    assert facts["Network"] == "small_cnn" and facts["Began from"] == "nothing" and facts["Learnt from"] == "Colours, version 1"
    assert facts["Measured on"] == "the test split, 6 images" and facts["Top-1"].startswith(f"{100 * report.top1:.1f} % (")
    by_class = next(table for section in card.sections for table in section.tables if table.title == "By class")
    assert [row[0] for row in by_class.rows] == ["blue", "green", "red"]


def test_its_parameters_are_those_of_its_own_head(report: Report) -> None:
    experiment = report.evaluation.experiment
    experiment.folder.mkdir(parents=True, exist_ok=True)
    (experiment.folder / "run.json").write_text("{}")
    assert dict(cards.model(report.evaluation).facts)["Parameters"] == "407,176 with 1,000 classes"  # an earlier release's run
    (experiment.folder / "run.json").write_text('{"parameters": 152946}')
    assert dict(cards.model(report.evaluation).facts)["Parameters"] == "152,946"


def test_one_that_stopped_early_is_not_said_to_have_run_all_its_epochs(report: Report) -> None:
    experiment = report.evaluation.experiment
    experiment.points.all().delete()
    MetricPoint.objects.create(experiment=experiment, epoch=3, step=30, name="train_loss", value=1.0)
    experiment.resolved = (experiment.resolved or experiment.config) | {"epochs": 30}
    assert dict(cards.model(report.evaluation).facts)["Trained"].startswith("3 of 30 epochs, ")
    experiment.resolved["epochs"] = 3
    assert dict(cards.model(report.evaluation).facts)["Trained"].startswith("3 epochs, ")


def test_its_figures_have_the_intervals_of_the_evaluations_page(report: Report) -> None:
    evaluation = report.evaluation
    evaluation.result = (evaluation.result or {}) | {
        "intervals": {"f1_macro": [0.61, 0.72], "balanced_accuracy": [0.63, 0.74], "ece": [0.01, 0.09]}
    }
    facts = dict(cards.accuracy(evaluation).facts)
    assert facts["Macro F1"].endswith(" (0.610 to 0.720)") and facts["Balanced accuracy"].endswith("(63.0 to 74.0)")
    assert facts["Calibration error"].endswith("(1.0 to 9.0)")


def test_macro_f1_is_a_score_as_on_every_page(report: Report) -> None:
    evaluation = report.evaluation
    told = next(figure for figure in showing.measured(evaluation)["key_figures"] if figure.label == "Macro F1")
    assert dict(cards.accuracy(evaluation).facts)["Macro F1"].split(" ")[0] == told.value


def test_its_commands_can_be_typed_as_they_stand(page, report: Report) -> None:
    report.evaluation.version.dataset.archive_name = "so_called *set*.zip"
    report.evaluation.version.dataset.save()
    command = "python -m classifier import 'so_called *set*.zip' --out data"
    assert f"\n    {command}" in page("card.md").content.decode()
    for text in (page().content.decode(), page("card.html").content.decode()):
        block = re.search(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL)
        assert block and unescape(block[1]).startswith(command)


def test_the_limits_name_classes_with_few_images_and_what_nobody_looked_for(report: Report) -> None:
    said = " ".join(cards.limits(report.evaluation).sentences)
    assert "It names one of its 3 classes for any image" in said
    assert "Fewer than 10 images were there to measure blue, green, red" in said and "look-alikes" in said


def test_a_class_that_is_found_seldom_is_named(report: Report, monkeypatch) -> None:
    figures = report.evaluation.figures
    report.evaluation.figures = figures | {"confusion": [[2, 18, 0], [0, 20, 0], [0, 0, 20]]}
    assert "It finds fewer than half of blue." in cards.class_limits(report.evaluation)


def test_what_it_is_for_is_the_teams_own_word(page, signed_in, editor, report: Report) -> None:
    assert b"has not said what it is meant for" in page().content
    sent = signed_in(editor).post(f"/reports/{report.id}/card/intended/", {"intended": "For **sorting**, never for people.", "before": ""})
    assert sent.status_code == 302
    assert b"For <strong>sorting</strong>" in page().content and b"For **sorting**" in page("card.md").content


def test_who_saves_second_loses_nothing(signed_in, editor, report: Report) -> None:
    client = signed_in(editor)
    client.post(f"/reports/{report.id}/card/intended/", {"intended": "First", "before": ""})
    late = client.post(f"/reports/{report.id}/card/intended/", {"intended": "Second", "before": ""})
    assert late.status_code == 409 and b"Somebody else saved" in late.content and b"Second</textarea>" in late.content
    assert Report.objects.get().intended == "First"


def no_nul(execute, sql, params, many, context):
    """As PostgreSQL, which raises on it."""
    assert "\0" not in "".join(map(str, params or ()))
    return execute(sql, params, many, context)


def test_what_stood_there_before_may_be_any_text(signed_in, editor, report: Report) -> None:
    client = signed_in(editor)
    with connection.execute_wrapper(no_nul):
        answer = client.post(f"/reports/{report.id}/card/intended/", {"intended": "First", "before": "a\0b"})
    assert answer.status_code == 409 and Report.objects.get().intended == ""


def test_the_name_of_an_erased_image_goes_from_it(page, report: Report) -> None:
    Report.objects.update(intended="For sorting, never for such as red/1.png.")
    erasing.forget(report.evaluation.version.dataset, [1], ["red/1.png"])
    said = Report.objects.get().intended
    assert "red/1.png" not in said and said.startswith("For sorting") and b"red/1.png" not in page("card.md").content


def test_too_long_a_text_is_refused_in_words(signed_in, editor, report: Report) -> None:
    answer = signed_in(editor).post(f"/reports/{report.id}/card/intended/", {"intended": "x" * 5_001, "before": ""})
    assert answer.status_code == 422 and "at most 4,000" in answer.content.decode()


def test_a_viewer_reads_it_and_writes_nothing(signed_in, viewer, outsider, report: Report) -> None:
    assert signed_in(viewer).get(f"/reports/{report.id}/card/").status_code == 200
    assert signed_in(viewer).post(f"/reports/{report.id}/card/intended/", {"intended": "x"}).status_code == 403
    assert signed_in(outsider).get(f"/reports/{report.id}/card/").status_code == 404


def test_the_files_run_nothing_and_name_no_person(page, editor) -> None:
    for name in ("card.md", "card.html"):
        answer = page(name)
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox" and editor.username not in answer.content.decode()


def test_without_a_browser_the_page_prints_itself(page, monkeypatch) -> None:
    monkeypatch.setattr(pdf, "browser", lambda: None)
    assert b"data-print=" in page("").content
    answer = page("report.pdf")
    assert answer.status_code == 302 and "no Chromium" in page("").content.decode()


def test_the_report_is_printed_by_the_systems_browser(report: Report) -> None:
    made = pdf.printed(report)
    assert made.startswith(b"%PDF-") and made.rstrip().endswith(b"%%EOF") and len(made) > 20_000


def test_a_browser_that_hangs_is_ended(report: Report, tmp_path, monkeypatch) -> None:
    script = tmp_path / "browser"
    script.write_text("#!/bin/sh\nsleep 100\n")
    script.chmod(0o755)
    monkeypatch.setattr(pdf, "browser", lambda: str(script))
    monkeypatch.setattr(pdf, "MOST_SECONDS", 0.2)
    with pytest.raises(pdf.NoPdf, match="was ended"):
        pdf.printed(report)


def test_a_browser_that_prints_nothing_is_told(report: Report, monkeypatch) -> None:
    monkeypatch.setattr(pdf, "browser", lambda: "/bin/false")
    with pytest.raises(pdf.NoPdf, match="ended with status 1"):
        pdf.printed(report)


def test_a_file_that_is_still_written_while_the_folder_goes_is_no_failure(tmp_path, monkeypatch) -> None:
    folder, left, remove = tmp_path / "folder", [1, 2], shutil.rmtree

    def emptied(path, **more) -> None:
        remove(path, **more)
        if left and left.pop():  # as a process that is still ending
            path.mkdir()
            (path / "late").write_bytes(b"x")

    folder.mkdir()
    monkeypatch.setattr(pdf.shutil, "rmtree", emptied)
    pdf.remove(folder)
    assert not folder.exists() and not left


@pytest.mark.parametrize("name", ["Popen", "full"])
def test_what_the_system_refuses_is_said(name, report: Report, monkeypatch) -> None:
    def refuse(*args, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pdf, "browser", lambda: "/bin/true")
    monkeypatch.setattr(*((pdf.subprocess, "Popen") if name == "Popen" else (pdf.Path, "write_bytes")), refuse)
    with pytest.raises(pdf.NoPdf, match="No space left on device"):
        pdf.printed(report)


def test_a_look_at_the_headers_prints_nothing(signed_in, editor, report: Report, monkeypatch) -> None:
    monkeypatch.setattr(pdf, "browser", lambda: "/bin/false")
    monkeypatch.setattr(pdf, "printed", lambda *args, **more: pytest.fail("it was printed"))
    answer = signed_in(editor).head(f"/reports/{report.id}/report.pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf" and "Content-Length" not in answer

"""The report's page says how right, how sure, where wrong, and how to get the same again."""

from __future__ import annotations

import csv
import json
import re
import shutil

import pytest
from django.utils.html import strip_tags

from classifier.metrics import wilson
from webapp.core.ids import new_id
from webapp.datasets.models import DatasetVersion
from webapp.evaluations import showing
from webapp.evaluations.models import Evaluation
from webapp.reports import manifest, replay
from webapp.reports.models import Report


def test_the_accuracy_stands_with_its_interval(signed_in, viewer, report):
    test = report.evaluation.result
    low, high = wilson(round(test["top1"] * test["n"]), test["n"])
    text = signed_in(viewer).get(f"/reports/{report.id}/").content.decode()
    assert f"{100 * test['top1']:.1f} %" in text and f"± {50 * (high - low):.1f}" in text


def test_every_class_has_its_row(signed_in, viewer, report):
    context = signed_in(viewer).get(f"/reports/{report.id}/").context
    assert [row.name for row in context["classes"]] == ["blue", "green", "red"]


def test_mistakes_link_to_their_images(signed_in, viewer, report):
    report.evaluation.mistakes = [
        {"path": "red/1.png", "label": "red", "predicted": "blue", "probability": 0.9, "loss": 2.5, "position": 1, "image": 3}
    ]
    report.evaluation.save()
    text = signed_in(viewer).get(f"/reports/{report.id}/").content.decode()
    assert f"/datasets/{report.evaluation.version.dataset_id}/versions/1/images/3/thumb" in text
    assert "90 % sure · loss 2.5" in strip_tags(text)


def test_the_commonest_mistake_is_said_in_words():
    result = {"n": 4, "per_class": []}
    counts = showing.np.array([[1, 2], [0, 1]])
    assert showing.summary(result, counts, ["ant", "bee"], "test")[1] == "2 mistakes are left; most often ant is taken for bee (2 images)."


def test_the_commands_are_safe_to_paste(signed_in, viewer, report):
    text = signed_in(viewer).get(f"/reports/{report.id}/").content.decode()
    assert "import &#x27;my colours.zip&#x27; --out data --split 70/15/15 --seed 0" in text


def test_the_configuration_can_be_trained_with_again(signed_in, viewer, report):
    from classifier.spec.config import TrainConfig

    answer = signed_in(viewer).get(f"/reports/{report.id}/config.json")
    assert TrainConfig.from_mapping(json.loads(answer.content)).epochs == 2


def put_predictions(evaluation, name: str, content: bytes) -> None:
    folder = evaluation.experiment.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_the_predictions_can_be_downloaded(signed_in, viewer, report, trained):
    put_predictions(report.evaluation, "predictions-test.csv", (trained[2] / "predictions-test.csv").read_bytes())
    answer = signed_in(viewer).get(f"/reports/{report.id}/predictions.csv")
    assert b"".join(answer.streaming_content).startswith(b"path,label,predicted") and "attachment" in answer["Content-Disposition"]


def test_the_predictions_are_those_of_the_reports_own_evaluation(signed_in, viewer, elsewhere):
    put_predictions(elsewhere.evaluation, "predictions-test.csv", b"the training's")
    put_predictions(elsewhere.evaluation, "predictions-test-best-abc.csv", b"the report's")
    answer = signed_in(viewer).get(f"/reports/{elsewhere.id}/predictions.csv")
    assert b"".join(answer.streaming_content) == b"the report's" and "predictions-test-best-abc.csv" in answer["Content-Disposition"]


def test_predictions_that_go_while_they_are_asked_for_are_not_found(signed_in, viewer, report, tmp_path, monkeypatch):
    monkeypatch.setattr(type(report.evaluation), "predictions_file", tmp_path / "gone.csv")
    assert signed_in(viewer).get(f"/reports/{report.id}/predictions.csv").status_code == 404


def test_predictions_that_are_not_there_are_not_offered(signed_in, viewer, report):
    client, offered = signed_in(viewer), f"/reports/{report.id}/predictions.csv"
    assert offered not in client.get(f"/reports/{report.id}/").content.decode() and client.get(offered).status_code == 404
    put_predictions(report.evaluation, "predictions-test.csv", b"path\n")
    assert offered in client.get(f"/reports/{report.id}/").content.decode()


@pytest.fixture
def measured_earlier(report, trained):
    """A report on the epoch that was best when the run had stopped; it went on since, and another is best now. With that epoch's file."""
    evaluation = report.evaluation
    shutil.copytree(trained[2], evaluation.experiment.folder, dirs_exist_ok=True)
    kept = json.loads((evaluation.experiment.folder / "manifest.json").read_text())["checkpoints"]
    earlier = next(entry for entry in kept if entry["whole"] and not entry["best"])
    evaluation.result |= {"epoch": earlier["epoch"]}
    evaluation.save()
    yield report, evaluation.experiment.folder / "checkpoints" / earlier["file"]
    shutil.rmtree(evaluation.experiment.folder)


def test_the_weights_are_those_that_were_measured(signed_in, viewer, measured_earlier):
    report, file = measured_earlier
    answer = signed_in(viewer).get(f"/reports/{report.id}/model")
    assert b"".join(answer.streaming_content) == file.read_bytes()


def test_weights_that_are_kept_no_longer_are_not_offered(signed_in, viewer, measured_earlier):
    report, file = measured_earlier
    file.unlink()
    client, offered = signed_in(viewer), f"/reports/{report.id}/model"
    assert client.get(offered).status_code == 404 and offered not in client.get(f"/reports/{report.id}/").content.decode()


def test_weights_that_go_just_before_they_are_opened_are_not_there(signed_in, viewer, measured_earlier, monkeypatch):
    report, file = measured_earlier
    monkeypatch.setattr("webapp.reports.queries.model_file", lambda _: file.with_name("gone.pt"))
    assert signed_in(viewer).get(f"/reports/{report.id}/model").status_code == 404


def test_the_commands_of_a_report_on_other_data_name_them(elsewhere):
    assert replay.commands(elsewhere.evaluation)[2:] == [
        "python -m classifier import others.zip --out other-data --split 70/15/15 --seed 7",
        "python -m classifier evaluate run --split test --checkpoint best --data other-data",
    ]


def test_the_commands_of_the_trainings_own_report_end_with_the_training(report):
    assert [line.split()[3] for line in replay.commands(report.evaluation)] == ["import", "train"]


def test_views_and_weights_that_were_chosen_stand_with_the_figures(report, signed_in, viewer):
    Evaluation.objects.update(views="ten_crop", raw=True)
    evaluation = Evaluation.objects.get(pk=report.evaluation_id)
    assert replay.commands(evaluation)[2:] == ["python -m classifier evaluate run --split test --checkpoint best --tta ten_crop --raw"]
    told = manifest.manifest(evaluation)["measured_with"]
    assert told == {"checkpoint": "best", "views": "ten_crop", "raw": True}
    for page in ("", "report.html", "card/"):
        shown = signed_in(viewer).get(f"/reports/{report.id}/{page}")
        text = b"".join(shown.streaming_content) if shown.streaming else shown.content
        assert b"ten crops, weights without average" in text


def test_the_commands_of_a_later_version_make_it_by_its_changes(report):
    version = report.evaluation.version
    for number in (2, 3):
        version = DatasetVersion.objects.create(
            dataset=version.dataset, number=number, parent=version, fingerprint="f", images=1, classes=[]
        )
    made = [line.removeprefix("python -m classifier ") for line in replay.data_commands(version, "data")]
    assert made[0].startswith("import ") and "--out data-1 " in made[0]
    assert made[1:] == ["revise data-1 --changes version-2.jsonl --out data-2", "revise data-2 --changes version-3.jsonl --out data"]


def test_title_and_notes_are_kept(signed_in, editor, report):
    signed_in(editor).post(f"/reports/{report.id}/edit/", {"title": "Is it good enough?", "notes": "Yes.\r\nSo far."})
    report.refresh_from_db()
    assert (report.title, report.notes) == ("Is it good enough?", "Yes.\nSo far.")


@pytest.mark.parametrize(("field", "text"), [("title", " "), ("title", "x" * 201), ("notes", "x" * 20_001), ("notes", "\0")])
def test_a_wrong_title_or_note_is_named_and_nothing_written(signed_in, editor, report, field, text):
    answer = signed_in(editor).post(f"/reports/{report.id}/edit/", {"title": "New", "notes": "New"} | {field: text})
    assert answer.status_code == 422 and Report.objects.get().title == "First on Colours"
    assert re.search(rf'field--wrong">\s*<label for="id_{field}"', answer.content.decode())


def test_notes_are_text_and_no_markup(signed_in, editor, report):
    client = signed_in(editor)
    client.post(f"/reports/{report.id}/edit/", {"title": "T", "notes": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get(f"/reports/{report.id}/").content.decode()


def test_a_viewer_cannot_edit(signed_in, viewer, report):
    assert signed_in(viewer).post(f"/reports/{report.id}/edit/", {"title": "Mine"}).status_code == 403


def test_the_list_shows_every_report_of_the_team(signed_in, viewer, outsider, report):
    assert report.title in signed_in(viewer).get("/reports/").content.decode()
    assert "No reports yet" in signed_in(outsider).get("/reports/").content.decode()


@pytest.mark.parametrize("after", ["\0", "!", "0"])
def test_a_list_after_what_is_no_id_starts_from_the_top(signed_in, viewer, report, after):
    assert len(signed_in(viewer).get("/reports/", {"after": after}).context["rows"]) == 1


@pytest.mark.parametrize("page", ["", "config.json", "predictions.csv"])
def test_an_outsider_and_a_random_id_get_the_same_404(signed_in, outsider, report, page):
    client = signed_in(outsider)
    assert {client.get(f"/reports/{id}/{page}").status_code for id in (report.id, new_id())} == {404}


def test_no_cell_of_the_predictions_is_run_by_a_spreadsheet(signed_in, viewer, report, trained):
    put_predictions(report.evaluation, "predictions-test.csv", (trained[2] / "predictions-test.csv").read_bytes())
    answer = signed_in(viewer).get(f"/reports/{report.id}/predictions.csv")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))
    cells = [cell for row in rows for cell in row]
    assert any("==" in cell for cell in cells) and not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(("who", "main"), [("viewer", "HTML"), ("editor", "Share")])
def test_on_a_phone_one_button_stands_beside_the_menu_that_has_the_others(who, main, request, signed_in, report):
    text = signed_in(request.getfixturevalue(who)).get(f"/reports/{report.id}/").content.decode()
    head = text[text.index('id="actions"') : text.index("</details>", text.index('id="actions"'))]
    buttons, menu = head.split("<details", 1)
    always = [
        words
        for css, words in re.findall(r'<(?:a|button)[^>]* class="(button[^"]*)"[^>]*>\s*([A-Za-z ]+)', buttons)
        if "wide-only" not in css
    ]
    assert [words.strip() for words in always] == [main] and "narrow-only" in menu
    hidden = re.findall(r'wide-only"[^>]*>\s*([A-Za-z ]+)', buttons)
    offered = re.findall(r'menu__item"[^>]*>([A-Za-z ]+)', menu)
    assert [words.replace(" file", "") for words in offered] == [words.strip() for words in hidden]

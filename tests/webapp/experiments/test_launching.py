"""The launch form: what it refuses, what it keeps, and that two clicks make one training."""

from __future__ import annotations

import dataclasses
import re

import pytest

from classifier.spec.catalogue import MODELS
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from classifier.training import settings
from tests.webapp.experiments.kit import SMALL, dataset_of, ended, epoch, launched
from webapp.datasets.problems import add_problems
from webapp.experiments import actions, presets, weights
from webapp.experiments.entries import model_words
from webapp.experiments.estimates import takes
from webapp.experiments.forms import FOLDED, LaunchForm, config_of, texts_of
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job

FIELDS = {"model": "small_cnn", "epochs": "3", "batch_size": "16", "optimizer": "adamw", "momentum": "0.9"}
TYPED = FIELDS | {"label_smoothing": "0.1", "seed": "0", "device": "auto", "augment": "true", "key": "one"}


def typed(dataset, **changes):
    return TYPED | {"dataset": dataset.id, "name": "First"} | changes


def test_a_launch_makes_a_queued_training(signed_in, editor):
    answer = signed_in(editor).post("/experiments/new/", typed(dataset_of(editor)))
    made = Experiment.objects.get()
    assert answer["Location"] == f"/experiments/{made.id}/" and made.job.state == "queued"


def test_the_whole_configuration_is_kept(signed_in, editor):
    signed_in(editor).post("/experiments/new/", typed(dataset_of(editor), learning_rate="0.01", flip="false"))
    config = Experiment.objects.get().config
    assert (config["learning_rate"], config["augment"], config["weight_decay"]) == (0.01, {"flip": False}, None)


def test_two_clicks_make_one_training(signed_in, editor):
    client, fields = signed_in(editor), typed(dataset_of(editor))
    places = {client.post("/experiments/new/", fields)["Location"] for _ in range(2)}
    assert len(places) == 1 and Experiment.objects.count() == 1 and Job.objects.filter(kind="train").count() == 1


def test_a_click_that_lost_the_race_gets_the_first_training(actor_of, editor, monkeypatch):
    actor = actor_of(editor)
    first = actions.launch(actor, dataset_of(editor), "First", SMALL, key="k")
    seen = iter([None, first])
    monkeypatch.setattr(actions, "launched_before", lambda actor, key: next(seen))  # it did not see the other yet
    again = actions.launch(actor, first.dataset, "First", SMALL, first.version, key="k")
    assert again == first and Job.objects.filter(kind="train").count() == 1


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("learning_rate", "-0.01", "Must be a number above 0 and at most 100; usual are 0.0001 to 0.1; -0.01 came."),
        ("learning_rate", "nan", "Must be a number above 0"),
        ("learning_rate", "inf", "Must be a number above 0"),
        ("epochs", "1000000000", "Must be a whole number from 1 to 100,000"),
        ("epochs", "", "usual are 5 to 100; nothing came."),
        ("momentum", "", "usual are 0.9; nothing came."),
        ("batch_size", "0", "Must be a whole number from 1 to 8,192"),
        ("image_size", "huge", "Must be a whole number from 8 to 1,024"),
        ("model", "resnet19", "did you mean"),
        ("weights", "/etc/passwd", "Must be null, default, a file"),
        ("freeze", "backbone", "Needs weights"),
        ("crop", "7", "Must be a number from 0 to 1"),
        ("device", "abacus", "Must be auto, cpu"),
    ],
)
def test_a_wrong_field_says_what_it_expects(signed_in, editor, field, text, expected):
    answer = signed_in(editor).post("/experiments/new/", typed(dataset_of(editor), **{field: text}))
    entry = re.search(rf'data-entry="{field}".*?</p>', answer.content.decode(), re.DOTALL)
    assert answer.status_code == 422 and "field__error" in entry[0] and expected in entry[0] and not Experiment.objects.exists()


def test_every_wrong_field_is_named_at_once(signed_in, editor):
    answer = signed_in(editor).post("/experiments/new/", typed(dataset_of(editor), epochs="many", learning_rate="-1", name="x" * 300))
    assert set(answer.context["form"].errors) == {"epochs", "learning_rate", "name"}


def test_what_was_typed_is_kept(signed_in, editor):
    answer = signed_in(editor).post("/experiments/new/", typed(dataset_of(editor), learning_rate="a tenth", rotate="12"))
    assert 'value="a tenth"' in answer.content.decode() and 'value="12"' in answer.content.decode()


def test_only_a_field_that_may_be_empty_says_what_empty_means(signed_in, editor):
    entries = signed_in(editor).get(f"/experiments/new/?dataset={dataset_of(editor).id}").context["form"].entries
    empty = {name: TYPED | {name: ""} for name, entry in entries.items() if entry.numeric and not entry.placeholder}
    assert set(empty) == {"epochs", "momentum", "label_smoothing", "seed"}
    for name, texts in empty.items():
        with pytest.raises(ConfigError, match=name):
            TrainConfig.from_mapping(config_of(texts))


def test_a_dataset_whose_import_runs_cannot_be_trained_on(actor_of, editor):
    with pytest.raises(ConfigError, match="has no imported images"):
        actions.launch(actor_of(editor), dataset_of(editor, ready=False), "First", SMALL)


def test_another_teams_dataset_is_not_offered(signed_in, editor, outsider):
    answer = signed_in(editor).post("/experiments/new/", typed(dataset_of(outsider)))
    assert answer.status_code == 422 and not Experiment.objects.exists()


def test_the_weights_of_an_earlier_run_become_its_folder(signed_in, editor):
    dataset = dataset_of(editor)
    earlier = ended(launched(editor, dataset=dataset))
    signed_in(editor).post("/experiments/new/", typed(dataset, weights=f"run:{earlier.id}"))
    assert Experiment.objects.exclude(id=earlier.id).get().config["weights"] == str(earlier.folder)


def test_an_earlier_run_that_is_deleted_while_one_launches_gives_no_weights(actor_of, editor, monkeypatch):
    actor, run, resolved = actor_of(editor), ended(launched(editor)), weights.resolved

    def then_deleted(*named):
        path = resolved(*named)
        actions.delete(actor, run)
        return path

    monkeypatch.setattr(weights, "resolved", then_deleted)
    with pytest.raises(ConfigError, match="names an experiment that was deleted meanwhile"):
        actions.launch(actor, run.dataset, "Second", SMALL | {"weights": f"run:{run.id}"})


def test_another_teams_run_gives_no_weights(actor_of, editor, outsider):
    theirs = ended(launched(outsider))
    with pytest.raises(ConfigError, match="names no trained experiment"):
        actions.launch(actor_of(editor), dataset_of(editor), "First", SMALL | {"weights": f"run:{theirs.id}"})


def test_files_of_the_weights_folder_are_offered_by_name(signed_in, editor, tmp_path, monkeypatch):
    (tmp_path / "mine.pth").touch()
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path))
    signed_in(editor).post("/experiments/new/", typed(dataset_of(editor), weights="mine.pth"))
    assert Experiment.objects.get().config["weights"] == str(tmp_path / "mine.pth")


def test_a_path_out_of_the_weights_folder_is_refused(actor_of, editor, tmp_path, monkeypatch):
    (tmp_path / "w").mkdir()
    (tmp_path / "secret.pth").touch()
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path / "w"))
    with pytest.raises(ConfigError, match="weights"):
        actions.launch(actor_of(editor), dataset_of(editor), "First", SMALL | {"weights": "../secret.pth"})


def test_a_viewer_cannot_launch(signed_in, viewer, editor):
    assert signed_in(viewer).post("/experiments/new/", typed(dataset_of(editor))).status_code == 403


def test_texts_and_configuration_are_each_others_inverse():
    config = config_of(TYPED | {"flip": "true", "crop": "0.3", "early_stopping": "5"})
    assert config_of(texts_of(config)) == config


def test_a_clone_starts_from_the_same_values(signed_in, editor):
    source = launched(editor, learning_rate=0.03, class_weights="balanced")
    form = signed_in(editor).get(f"/experiments/new/?from={source.id}").context["form"]
    assert (form.texts["learning_rate"], form.texts["class_weights"], form.name) == ("0.03", "balanced", "First")


def test_the_preview_tells_errors_curve_and_consequences(signed_in, editor):
    said = signed_in(editor).post("/experiments/preview/", typed(dataset_of(editor), learning_rate="-1", epochs="7")).json()
    assert set(said["errors"]) == {"learning_rate"} and said["schedule"]["layout"]["xaxis"]["range"] == [0, 7]
    assert "3 images, opened once at the end" in said["side"] and "Every class in every split" in said["side"]


def test_each_preset_is_a_valid_configuration(signed_in, editor, actor_of):
    dataset = dataset_of(editor)
    for preset in ("quick", "transfer", "scratch", "imagenet", "fast"):
        form = signed_in(editor).get(f"/experiments/new/?preset={preset}&dataset={dataset.id}").context["form"]
        assert form.check() is not None, form.errors


def test_the_preview_tells_the_presets_of_the_dataset_that_is_chosen_now(signed_in, editor):
    client, photographs, small = signed_in(editor), dataset_of(editor, "Photographs"), dataset_of(editor, "Digits")
    small.versions.update(small=True)
    models = [client.post("/experiments/preview/", typed(data)).json()["presets"]["scratch"]["model"] for data in (photographs, small)]
    assert models == ["resnet18", "small_cnn"]


def test_without_a_dataset_the_form_leads_to_the_upload(signed_in, editor):
    assert "/datasets/new/" in signed_in(editor).get("/experiments/new/").content.decode()


def test_the_form_draws_the_rate_that_will_be_picked(signed_in, editor):
    fields = typed(dataset_of(editor), batch_size="256", optimizer="sgd", epochs="4")
    said = signed_in(editor).post("/experiments/preview/", fields).json()
    config = settings.resolve(TrainConfig.from_mapping(config_of(fields)), (32, 32), small=True, grey=False)
    assert (config.learning_rate, config.warmup_epochs) == (0.1, 0.4)
    assert said["placeholders"]["learning_rate"] == "picked: 0.1" and said["placeholders"]["warmup_epochs"] == "picked: 0.4"
    assert "0.4 epochs of warm-up, then cosine; highest 0.1, picked by" in said["schedule"]["layout"]["meta"]["summary"]
    assert max(said["schedule"]["data"][0]["y"]) == pytest.approx(0.1)


def test_a_rate_that_was_typed_is_not_called_picked(signed_in, editor):
    said = signed_in(editor).post("/experiments/preview/", typed(dataset_of(editor), learning_rate="0.03")).json()
    assert "highest 0.03." in said["schedule"]["layout"]["meta"]["summary"]


def test_the_curve_is_drawn_beside_another_wrong_field(signed_in, editor):
    said = signed_in(editor).post("/experiments/preview/", typed(dataset_of(editor), learning_rate="-1", model="resnet19")).json()
    assert set(said["errors"]) == {"learning_rate", "model"} and said["schedule"]


def test_the_form_draws_the_schedule_that_is_chosen(signed_in, editor):
    fields = typed(dataset_of(editor), epochs="8", schedule="multi_step", milestones="2, 6", warmup_epochs="0", learning_rate="0.1")
    said = signed_in(editor).post("/experiments/preview/", fields).json()
    rates = said["schedule"]["data"][0]["y"]
    assert rates[0] == pytest.approx(0.1) and rates[60] == pytest.approx(0.01) and rates[-1] == pytest.approx(0.001)
    assert "times 0.1 at epoch 2, 6 from the first step" in said["schedule"]["layout"]["meta"]["summary"]
    assert said["placeholders"]["decay_power"] == "not used" and said["placeholders"]["decay_factor"] == "picked: 0.1"


def test_rarer_augmentations_lie_in_a_fold_that_opens_where_one_is_filled_in(actor_of, editor):
    plain, filled = (LaunchForm.starting(actor_of(editor), {"augment": augment}, "", "") for augment in (True, {"noise": 0.1}))
    assert (plain.augment_open, filled.augment_open) == (False, True)


def test_features_once_need_a_frozen_backbone_and_say_so_at_their_field(signed_in, editor):
    page = signed_in(editor).post("/experiments/new/", typed(dataset_of(editor), features="once"))
    assert "Needs a frozen backbone" in page.content.decode()


def preset_of(tmp_path, monkeypatch, *files):
    """The network and weights of the preset, with those files in SYNSET_WEIGHTS."""
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path))
    for name in files:
        (tmp_path / name).touch()
    return presets.with_local_weights()


def test_transfer_learning_takes_the_weights_that_come_with_synset(tmp_path, monkeypatch):
    assert preset_of(tmp_path, monkeypatch) == ("efficientnet_lite0", "default")


def test_the_model_whose_weights_need_no_download_says_so(monkeypatch):
    said = "published top-1 75.1 % · weights come with Synset"
    assert [name for name, entry in MODELS.items() if model_words(entry).endswith("come with Synset")] == ["efficientnet_lite0"]
    assert model_words(MODELS["efficientnet_lite0"]).endswith(said)
    monkeypatch.setattr("classifier.spec.bundled.bundled_file", lambda: None)
    assert "Synset" not in model_words(MODELS["efficientnet_lite0"])


def test_transfer_learning_takes_what_somebody_put_into_the_weights_folder_first(tmp_path, monkeypatch):
    assert preset_of(tmp_path, monkeypatch, "resnet18-f37072fd.pth") == ("resnet18", "default")


def test_without_any_weights_here_transfer_learning_downloads_some(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.spec.bundled.bundled_file", lambda: None)
    assert preset_of(tmp_path, monkeypatch) == ("resnet18", "default")


def test_the_estimate_of_features_once_counts_the_pass_that_computes_them_once(editor):
    config = SMALL | {"epochs": 10}
    earlier = ended(launched(editor, epochs=2))
    Experiment.objects.filter(id=earlier.id).update(config=TrainConfig(**SMALL, freeze="backbone", features="once").to_mapping())
    for number, seconds in ((1, 21.0), (2, 2.1)):
        actions.record_epoch(earlier.id, epoch(number, seconds=seconds))
    found = takes(earlier.version, TrainConfig(**config, freeze="backbone", features="once"))
    tested = 3 * 21.0 / (21 + 6)  # three images go through the backbone as those of training and validation did
    assert found is not None and found.seconds == pytest.approx(21.0 + 9 * 2.1 + tested)
    assert takes(earlier.version, TrainConfig(**config, freeze="backbone")).epochs_measured == 0  # of another kind: guessed


def test_a_batch_size_may_be_left_to_the_machine_and_the_rate_says_what_it_goes_by(actor_of, editor):
    form = LaunchForm.starting(actor_of(editor), {"batch_size": None}, dataset_of(editor).id, "")
    config = form.check()
    assert config is not None and config.batch_size is None
    assert form.entries["batch_size"].placeholder == "automatic"
    assert form.entries["learning_rate"].placeholder == "picked: 0.002 at batches of 64"


def test_the_form_says_what_rate_fine_tuning_would_have_and_that_there_is_none(signed_in, editor):
    client, data = signed_in(editor), dataset_of(editor)
    fields = {"model": "efficientnet_lite0", "weights": "default", "freeze": "backbone", "epochs": "10", "batch_size": "64"}
    said = client.post("/experiments/preview/", typed(data, **fields, finetune="4")).json()
    assert said["placeholders"]["finetune_rate"] == "picked: 0.0002"
    assert "for the last 4 epochs" in said["schedule"]["layout"]["meta"]["summary"]
    assert client.post("/experiments/preview/", typed(data, **fields)).json()["placeholders"]["finetune_rate"] == "no fine-tuning"


def test_the_estimate_of_a_fine_tuning_counts_its_epochs_as_what_they_are(editor):
    earlier = ended(launched(editor, epochs=3))
    config = TrainConfig.from_mapping({**SMALL, "epochs": 4, "freeze": "backbone", "weights": "w.pth", "finetune": 2})
    Experiment.objects.filter(id=earlier.id).update(config=config.to_mapping())
    for number, seconds in ((1, 20.0), (2, 1.0), (3, 90.0), (4, 110.0)):
        actions.record_epoch(earlier.id, epoch(number, seconds=seconds))
    found = takes(earlier.version, config)
    tested = 3 * 20.0 / (21 + 6)  # as above
    assert found is not None and found.seconds == pytest.approx(20.0 + 1.0 + 2 * 100.0 + tested)
    assert takes(earlier.version, dataclasses.replace(config, finetune=None)).epochs_measured == 0


def test_the_form_reads_the_classes_of_its_datasets_once_whatever_it_offers(editor, signed_in, django_assert_max_num_queries):
    dataset = dataset_of(editor)
    with django_assert_max_num_queries(60) as captured:
        signed_in(editor).get("/experiments/new/", {"dataset": dataset.id})
    reads = [query["sql"] for query in captured if '"datasets_datasetversion"."dataset_id" IN (' in query["sql"]]
    assert len(reads) == 1


def test_the_form_counts_what_was_left_out_without_a_look_at_the_findings(editor, signed_in, django_assert_max_num_queries):
    dataset = dataset_of(editor)
    problems = [("a.png", "damaged", False), ("b.png", "tiny", True), ("c.png", "link", False)]
    add_problems(dataset.id, [{"file": file, "rule": rule, "message": "It is so.", "taken": taken} for file, rule, taken in problems])
    with django_assert_max_num_queries(60) as captured:
        page = signed_in(editor).get("/experiments/new/", {"dataset": dataset.id})
    assert "2 files left out at import" in page.content.decode()
    assert not [query["sql"] for query in captured if "datasets_problem" in query["sql"]]


def test_the_many_fields_of_the_fold_stand_under_what_they_are_about(signed_in, editor):
    dataset_of(editor)
    page = signed_in(editor).get("/experiments/new/").content.decode()
    fold = page[page.index("cross-validation, resizing") :]
    groups = {part.partition("<")[0]: re.findall(r'data-entry="(\w+)"', part) for part in fold.split('<h3 class="fields__title">')[1:]}
    assert set().union(*groups.values()) == FOLDED and max(map(len, groups.values())) <= 7
    assert {"schedule", "warmup_epochs", "milestones"} <= set(groups["Schedule of the rate"])

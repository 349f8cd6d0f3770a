"""The form's preview: what a training would see, drawn by what trains."""

from __future__ import annotations

import base64
import io
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from classifier import preview as previewing
from classifier.data.dataset import SAMPLE_DTYPE, Dataset
from classifier.data.pack import INDEX_DTYPE
from classifier.preview import SAMPLES, Previewer, bounded, to_bytes
from classifier.spec.config import TrainConfig
from classifier.spec.errors import InputError
from classifier.training.order import generator
from classifier.training.setup import Watch, set_up
from classifier.training.step import augmented

STRONG = {"rotate": 20, "scale": 0.2, "noise": 0.1, "erase": 1, "color": 0.4, "policy": "trivialaugment"}


def config(**values):
    return TrainConfig.from_mapping({"model": "small_cnn", "batch_size": 8, "device": "cpu", "precision": "fp32", **values})


def opened(uri):
    """uint8 [H, W, 3] of a data URI."""
    return np.array(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB"))


def shown(folder, number=0, **values):
    return Previewer(Dataset.open(folder)).preview(config(**values), number)


def step_of(folder, run, settings, places):
    """uint8 [N, 3, S, S] and the target: what one step of a training sees of those places, with the preview's chance."""
    dataset = Dataset.open(folder)
    training = set_up(dataset, run, Previewer(dataset).resolved(settings), None, Watch(), restart=False)
    positions = torch.from_numpy(places)
    images, target = augmented(
        training, positions, training.images.decode(places.tolist()), generator(settings.seed, "preview", "augment", 0)
    )
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) * 255 for values in training.normalisation)
    return to_bytes(images * deviation + mean), target


@pytest.mark.parametrize("augment", [True, STRONG, {"mixup": 0.4, "cutmix": 1}, False], ids=["default", "strong", "mixed", "none"])
@pytest.mark.parametrize("source", ["digits", "photographs"])
def test_a_sample_is_to_the_pixel_what_a_step_of_the_training_sees(request, tmp_path, source, augment):
    folder = request.getfixturevalue(source)
    settings = config(image_size=16, augment=augment)
    places = Previewer(Dataset.open(folder)).chosen(settings.seed, 0)[:SAMPLES]
    images, _ = step_of(folder, tmp_path / "run", settings, places)
    found = [opened(sample["image"]) for sample in shown(folder, image_size=16, augment=augment)["samples"]]
    assert np.array_equal(np.stack(found), images.permute(0, 2, 3, 1).numpy())


def test_mixed_images_tell_the_share_of_each_label_as_the_loss_has_it(digits, tmp_path):
    settings = config(image_size=16, augment={"mixup": 0.4, "cutmix": 1})
    places = Previewer(Dataset.open(digits)).chosen(settings.seed, 0)[:SAMPLES]
    _, target = step_of(digits, tmp_path / "run", settings, places)
    samples = shown(digits, image_size=16, augment={"mixup": 0.4, "cutmix": 1})["samples"]
    for sample, odds in zip(samples, target.tolist(), strict=True):
        assert sample["shares"] == {label: pytest.approx(share, abs=1e-4) for label, share in zip("012", odds, strict=True) if share}
    assert any(len(sample["shares"]) == 2 for sample in samples)


def test_an_image_that_is_not_mixed_has_one_label_whole(digits):
    assert {tuple(sample["shares"].values()) for sample in shown(digits)["samples"]} == {(1.0,)}


def test_the_same_number_draws_the_same_and_another_one_others(digits):
    first, again, other = (shown(digits, number, image_size=16) for number in (0, 0, 1))
    assert first == again and first["samples"] != other["samples"]


def test_every_class_is_shown_before_any_comes_twice_more_than_another(digits):
    labels = [next(iter(sample["shares"])) for sample in shown(digits)["samples"]]
    assert len(labels) == SAMPLES and {labels.count(label) for label in "012"} == {5, 6}


def test_where_features_are_computed_once_images_stay_as_they_are_evaluated(photographs):
    once = {"weights": "default", "freeze": "backbone", "features": "once", "image_size": 32}
    told = Previewer(Dataset.open(photographs)).preview(config(**once, model="resnet18"), 0)
    places = Previewer(Dataset.open(photographs)).chosen(0, 0)
    dataset = Dataset.open(photographs)
    expected = previewing.load.evaluated(dataset.pack, int(dataset.images[dataset.indices("train")[places[0]]]), 32)
    assert np.array_equal(opened(told["samples"][0]["image"]), expected.permute(1, 2, 0).numpy())


@pytest.mark.parametrize("resize", ["squash", "crop", "fill", "half_crop"])
def test_the_example_is_brought_to_size_by_the_chosen_mode(photographs, resize):
    example = shown(photographs, resize=resize, image_size=24)["example"]
    assert (example["before"]["width"], example["before"]["height"]) == (128, 96) and example["after"]["side"] == 24
    black_above = not opened(example["after"]["image"])[0].any()
    assert black_above == (resize in ("fill", "half_crop"))


def test_the_example_is_grey_where_the_network_sees_grey(photographs):
    after = opened(shown(photographs, channels="grey", image_size=24)["example"]["after"]["image"])
    assert np.array_equal(after[..., 0], after[..., 2])


def test_the_example_is_an_oblong_image_where_there_is_one(tmp_path):
    from classifier.data.importer import import_dataset
    from tests.classifier.images import class_folders, photograph, write_zip

    files = class_folders(per_class=8) | {f"cat/wide-{i}.jpg": photograph(seed=i, width=200, height=80) for i in range(6)}
    import_dataset(write_zip(tmp_path / "pets.zip", files), tmp_path / "data")
    assert shown(tmp_path / "data", image_size=16)["example"]["before"]["width"] == 200


def test_large_sizes_are_drawn_smaller_with_the_blur_in_proportion(photographs):
    told = shown(photographs, image_size=768, augment={"blur": 4})
    assert (told["side"], told["drawn"]) == (768, 384)
    whole = Previewer(Dataset.open(photographs)).resolved(config(image_size=768, augment={"blur": 4}))
    assert bounded(whole).augment["blur"] == 2
    assert max(opened(told["samples"][0]["image"]).shape) == previewing.SHOWN_SIDE


def test_colours_that_are_measured_need_no_look_at_every_image(photographs):
    assert len(shown(photographs, normalisation="data", augment={"erase": 1}, image_size=16)["samples"]) == SAMPLES


def test_an_image_whose_bytes_are_damaged_is_left_out(photographs, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(photographs, folder)
    dataset = Dataset.open(folder)
    row = int(dataset.images[dataset.indices("train")[Previewer(dataset).chosen(0, 0)[0]]])
    entry = np.fromfile(folder / "pack" / "index.bin", INDEX_DTYPE)[row]
    with (folder / "pack" / "jpeg.bin").open("r+b") as file:
        file.seek(int(entry["offset"]))
        file.write(bytes(int(entry["length"])))
    assert len(shown(folder, image_size=16)["samples"]) == SAMPLES - 1


def test_a_dataset_without_training_images_is_said(digits, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(digits, folder)
    rows = np.fromfile(folder / "samples.bin", SAMPLE_DTYPE)
    rows["split"] = 2
    rows.tofile(folder / "samples.bin")
    with pytest.raises(InputError, match="no training images"):
        Previewer(Dataset.open(folder))


def test_a_preview_leaves_torch_as_many_threads_as_it_found(digits):
    torch.set_num_threads(2)
    try:
        shown(digits)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)

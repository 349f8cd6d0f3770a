"""Sets as they are published: Kaggle's competitions, museums, hospitals. Their folders mislead in ways of their own."""

from __future__ import annotations

import pytest

from classifier.data.importer import import_dataset
from classifier.spec.errors import InputError
from tests.classifier.data.listings import counts, in_folders, inspected, listed, told

SPLITS = [
    ("train", "test1"),
    ("train2017", "val2017"),
    ("ISIC_2019_Training_Input", "ISIC_2019_Test_Input"),
    ("cars_train", "cars_test"),
]


@pytest.mark.parametrize(("one", "other"), SPLITS)
def test_splits_that_hold_loose_images_are_no_classes(tmp_path, one, other):
    said = inspected(tmp_path, in_folders(one, other))
    assert said["kind"] is None and "nothing says what they show" in said["message"]


@pytest.mark.parametrize(("one", "other"), SPLITS)
def test_splits_are_told_by_what_differs_in_their_names(tmp_path, one, other):
    said = inspected(tmp_path, in_folders(f"{one}/cat", f"{one}/dog", f"{other}/cat"))
    assert counts(said) == {"cat": 8, "dog": 4}
    assert said["classes"]["dog"]["train"] == said["classes"]["cat"]["train"] == 4


@pytest.mark.parametrize(("one", "other"), [("dev board", "test board"), ("train", "trainer"), ("test 1", "test 2")])
def test_classes_whose_names_hold_a_splits_word_stay_classes(tmp_path, one, other):
    assert counts(inspected(tmp_path, in_folders(one, other))) == {one: 4, other: 4}


@pytest.mark.parametrize("inside", ["images", "cars_train"])
def test_splits_whose_only_folder_holds_the_images_are_refused_in_words(tmp_path, inside):
    """A set for finding objects, as YOLO's; or packed into itself as Kaggle does it."""
    folders = ("train/images", "test/images") if inside == "images" else ("cars_train/cars_train", "cars_test/cars_test")
    said = inspected(tmp_path, in_folders(*folders))
    assert said["kind"] is None and "images lie directly in" in said["message"] and folders[0] in said["message"]


def test_names_are_offered_as_classes_where_the_tests_images_have_none(tmp_path):
    """Kaggle's Dogs vs. Cats."""
    train = in_folders("train", name="cat.{}.jpg") + in_folders("train", name="dog.{}.jpg")
    said = inspected(tmp_path, train + in_folders("test1", count=8))
    assert '"kind": "names"' in said["message"] and "names" in said["choices"]["kinds"]
    chosen = inspected(tmp_path, train + in_folders("test1", count=8), kind="names")
    assert counts(chosen) == {"cat": 4, "dog": 4} and chosen["left"][0]["count"] == 8


def test_names_of_splits_are_not_offered_as_classes(tmp_path):
    said = inspected(tmp_path, in_folders("train", name="train{}.jpg") + in_folders("valid", name="valid{}.jpg"))
    assert "names" not in said["choices"]["kinds"]


def test_a_folder_that_repeats_the_classes_beside_it_is_no_class(tmp_path):
    """Kaggle's brain tumours: yes, no, and both once more."""
    once = in_folders("yes", "no")
    said = inspected(tmp_path, once + [f"brain_tumor_dataset/{path}" for path in once])
    assert counts(said) == {"no": 4, "yes": 4} and told(said)["sample_folder"][0] == "brain_tumor_dataset/yes/1.jpg"


def test_a_folder_with_other_images_in_folders_of_the_same_names_stays_a_class(tmp_path):
    said = inspected(tmp_path, [*in_folders("left", "right"), *in_folders("both/left", "both/right", count=3)])
    assert counts(said) == {"both": 6, "left": 4, "right": 4}


def test_masks_beside_the_images_of_a_class_are_left_out(tmp_path):
    """The COVID-19 radiography database."""
    said = inspected(tmp_path, in_folders("COVID/images", "COVID/masks", "Normal/images", "Normal/masks"))
    assert counts(said) == {"COVID": 4, "Normal": 4}
    assert told(said) == {"mask_folder": in_folders("COVID/masks") + in_folders("Normal/masks", count=1)}


def test_annotations_that_are_images_are_no_class(tmp_path):
    """The Oxford pets, whose masks lie in annotations/trimaps; what the images show is in their names."""
    pets = in_folders("images", name="great_pyrenees_{}.jpg") + in_folders("images", name="Bengal_{}.jpg")
    masks = in_folders("annotations/trimaps", name="great_pyrenees_{}.png") + in_folders("annotations/trimaps", name="Bengal_{}.png")
    said = inspected(tmp_path, pets + masks)
    assert said["kind"] is None and '"kind": "names"' in said["message"]
    assert counts(inspected(tmp_path, pets + masks, kind="names")) == {"Bengal": 4, "great_pyrenees": 4}


def test_masks_are_classes_where_no_folder_of_images_stands_beside_them(tmp_path):
    assert counts(inspected(tmp_path, in_folders("masks", "hats"))) == {"hats": 4, "masks": 4}
    assert counts(inspected(tmp_path, in_folders("mask", "no mask", "test"))) == {"mask": 4, "no mask": 4, "test": 4}


def test_a_folder_of_true_masks_beside_splits_is_none(tmp_path):
    """MVTec."""
    said = inspected(tmp_path, in_folders("train/good", "test/good", "test/broken", "ground_truth/broken"))
    left = {"mask_folder": in_folders("ground_truth/broken"), "class_not_in_train": in_folders("test/broken")}
    assert counts(said) == {"good": 8} and told(said) == left


VARIANTS = [f"plantvillage/{kind}/{label}" for kind in ("color", "grayscale") for label in ("apple", "corn", "rust")]


def test_classes_that_hold_the_same_folders_are_told_with_what_to_choose(tmp_path):
    """PlantVillage in colour, grey and cut out; or patients, each with what is sound and what is not."""
    said = inspected(tmp_path, in_folders(*VARIANTS))
    assert counts(said) == {"color": 12, "grayscale": 12} and told(said) == {"folders_alike": ["plantvillage/color"]}
    assert "level 3 is what" in said["left"][0]["message"]
    chosen = inspected(tmp_path, in_folders(*VARIANTS), level=3)
    assert counts(chosen) == {"apple": 8, "corn": 8, "rust": 8} and told(chosen) == {}


@pytest.mark.parametrize("other", [["b/spring", "b/winter"], ["b"], ["b/summer"]])
def test_classes_of_other_folders_are_not_called_alike(tmp_path, other):
    assert told(inspected(tmp_path, in_folders("a/summer", "a/winter", *other))) == {}


PIXELS = ",".join(["0"] * 784)


UNREAD = {
    "pixels in a table": (
        {"mnist_train.csv": listed("label," + ",".join(f"{n // 28}x{n % 28}" for n in range(784)), [f"5,{PIXELS}"] * 3)},
        "as a PNG",
    ),
    "pixels in a cell": ({"fer2013.csv": listed("emotion,pixels,Usage", [f'3,"{PIXELS.replace(",", " ")}",Training'] * 3)}, "as a PNG"),
    "parquet": ({"data/train-0.parquet": "PAR1", "README.md": "x"}, "train-0.parquet holds a framework's records"),
    "arrays": ({"pathmnist.npz": "PK"}, "pathmnist.npz is a program's own file"),
    "MATLAB's": ({"train_32x32.mat": "MATLAB"}, "train_32x32.mat is a program's own file"),
    "STL-10": ({"train_X.bin": "x", "class_names.txt": "cat\ndog\n"}, "train_X.bin is a program's own file"),
    "archives": ({"train.zip": "PK", "test.zip": "PK", "sampleSubmission.csv": "id,label\n1,0\n"}, "unpack it"),
}


@pytest.mark.parametrize("what", UNREAD)
def test_what_stands_in_place_of_images_is_told_with_what_to_do(tmp_path, what):
    files, told_so = UNREAD[what]
    assert told_so in inspected(tmp_path, [], files)["message"]
    with pytest.raises(InputError, match=told_so):
        import_dataset(tmp_path / "in.zip", tmp_path / "out")


def test_a_spreadsheet_of_labels_is_told_with_what_to_do(tmp_path):
    said = inspected(tmp_path, in_folders("photos"), {"labels.xlsx": "PK"})
    assert "labels.xlsx is a spreadsheet, which is not read; save it as CSV beside the images." in said["message"]


SCENES = ["a/abbey", "a/apartment_building/outdoor", "b/bakery/shop", "b/badminton_court/indoor", "b/badminton_court/outdoor"]


def test_letters_above_the_classes_are_an_index(tmp_path):
    """SUN397 and Places."""
    said = inspected(tmp_path, in_folders(*(f"SUN397/{scene}" for scene in SCENES)))
    assert counts(said) == {"-".join(scene.split("/")[1:]): 4 for scene in SCENES}


def test_letters_that_are_the_classes_stay_so(tmp_path):
    assert counts(inspected(tmp_path, in_folders("A", "B", "C"))) == {"A": 4, "B": 4, "C": 4}
    assert counts(inspected(tmp_path, in_folders("A/old", "A/new", "B/old"))) == {"A": 8, "B": 4}


def test_patients_some_of_whom_have_one_kind_of_image_alone_are_told_too(tmp_path):
    """Kaggle's breast histopathology: a folder a patient, in each 0 and 1."""
    patients = [f"{patient}/{label}" for patient in range(8863, 8873) for label in "01" if patient % 5 or label == "0"]
    assert told(inspected(tmp_path, in_folders(*patients))) == {"folders_alike": ["8863"]}


@pytest.mark.parametrize(
    ("train", "other"),
    [
        ("Trainieren", "Validierung"),
        ("Entrainement", "Validation"),
        ("entrenamiento", "validación"),
        ("treino", "validação"),
        ("训练集", "验证集"),
    ],
)
def test_splits_are_known_in_other_languages(tmp_path, train, other):
    said = inspected(tmp_path, in_folders(f"{train}/a", f"{train}/b", f"{other}/a"))
    assert said["classes"]["a"] == {"train": 4, "validation": 4, "test": 0, "open": 0}

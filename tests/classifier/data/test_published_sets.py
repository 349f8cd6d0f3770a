"""Sets as they are published: Kaggle's competitions, museums, hospitals. Their tables and folders mislead in ways of their own."""

from __future__ import annotations

import json

import pytest

from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.layouts.choose import choice_of
from classifier.spec.errors import InputError
from tests.classifier import images

TRAIN = [f"train_images/{n:04}.jpg" for n in range(12)]
TEST = [f"test_images/{n:04}.jpg" for n in range(100, 104)]


def inspected(tmp_path, paths, tables=(), **chosen):
    files = {**dict.fromkeys(paths, b"not opened"), **{path: text.encode() for path, text in dict(tables).items()}}
    return inspect_source(images.write_zip(tmp_path / "in.zip", files), choice_of(json.dumps(chosen)))


def counts(said) -> dict[str, int]:
    """{class: images}"""
    return {label: sum(count.values()) for label, count in said["classes"].items()}


def told(said) -> dict[str, list[str]]:
    """{rule: the first files that it is said of}."""
    return {entry["rule"]: entry["first"] for entry in said["left"]}


def listed(header: str, rows) -> str:
    return header + "\n" + "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("name", ["sample_submission.csv", "sampleSubmission.csv", "SampleSubmission.csv", "submission_format.csv"])
def test_the_example_of_a_competitions_answers_labels_no_image(tmp_path, name):
    tables = {
        "train.csv": listed("id_code,diagnosis", (f"{n:04},{n % 3}" for n in range(12))),
        name: listed("id_code,diagnosis", (f"{n:04},0" for n in range(100, 104))),
    }
    said = inspected(tmp_path, TRAIN + TEST, tables)
    assert counts(said) == {"0": 4, "1": 4, "2": 4} and told(said) == {"not_listed": TEST}
    assert "answers of a competition" in next(table["why"] for table in said["tables"] if table["file"] == name)


def in_folders(*folders: str, count: int = 4, name: str = "{}.jpg", first: int = 1) -> list[str]:
    return [f"{folder}/{name.format(n)}" for folder in folders for n in range(first, first + count)]


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


def test_numbered_parts_of_a_set_are_no_classes_whatever_stands_before(tmp_path):
    """HAM10000, whose images come in two folders, and whose metadata say what they show."""
    paths = [f"HAM10000_images_part_{1 + n % 2}/ISIC_{n:07}.jpg" for n in range(12)]
    rows = (f"HAM_{n // 2},ISIC_{n:07},{('nv', 'mel')[n // 2 % 2]},histo,80.0,male,scalp" for n in range(12))
    table = {"HAM10000_metadata.csv": listed("lesion_id,image_id,dx,dx_type,age,sex,localization", rows)}
    said = inspected(tmp_path, paths, table)
    assert counts(said) == {"mel": 6, "nv": 6} and said["groups"]["groups"] == 6 and told(said) == {}


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
    assert counts(inspected(tmp_path, pets + masks, kind="names", leave=["annotations"])) == {"Bengal": 4, "great_pyrenees": 4}


def test_masks_are_classes_where_no_folder_of_images_stands_beside_them(tmp_path):
    assert counts(inspected(tmp_path, in_folders("masks", "hats"))) == {"hats": 4, "masks": 4}


FLAT = [f"images/{n:06}.jpg" for n in range(1, 25)]


def test_addresses_and_captions_are_no_classes(tmp_path):
    """Kaggle's fashion products, whose second table tells where each image came from."""
    links = {"images.csv": listed("filename,source", (f"{n:06}.jpg,http://there/{n}.jpg" for n in range(1, 25)))}
    assert inspected(tmp_path, FLAT, links)["kind"] is None
    styles = {
        "styles.csv": listed("id,gender,masterCategory,name", (f"{n:06},{'MW'[n % 2]},{'abc'[n % 3]},Shirt {n}" for n in range(1, 25)))
    }
    assert counts(inspected(tmp_path, FLAT, links | styles)) == {"a": 8, "b": 8, "c": 8}


def test_a_label_of_each_image_its_own_among_few_is_one(tmp_path):
    table = {"names.csv": listed("file,what", (f"{n:06}.jpg,{'abcdef'[n]}" for n in range(1, 6)))}
    assert len(inspected(tmp_path, FLAT[:5], table)["classes"]) == 5


@pytest.mark.parametrize("column", ["partition", "fold"])
def test_a_partition_by_number_is_no_class(tmp_path, column):
    """CelebA's list_eval_partition.csv."""
    table = {"list.csv": listed(f"image_id,{column}", (f"{n:06}.jpg,{n % 3}" for n in range(1, 25)))}
    assert inspected(tmp_path, FLAT, table)["kind"] is None


def test_a_list_of_partitions_by_number_tells_neither_classes_nor_one_split(tmp_path):
    """CelebA's list_eval_partition.txt."""
    lists = {"list_eval_partition.txt": "".join(f"{n:06}.jpg {n % 3}\n" for n in range(1, 25))}
    assert inspected(tmp_path, FLAT, lists)["kind"] is None
    rows = "".join(f"{path} {n % 3}\n" for n, path in enumerate(in_folders("cat", "dog")))
    assert inspected(tmp_path, in_folders("cat", "dog"), {"list_eval_partition.txt": rows})["classes"]["cat"]["open"] == 4


def test_lists_of_yes_and_no_name_no_classes(tmp_path):
    """Pascal VOC's cat_train.txt: 1 where there is a cat, -1 where there is none."""
    tables = {
        f"ImageSets/Main/{what}_{split}.txt": "".join(f"{n:06} {1 if n % 2 else -1:2}\n" for n in numbers)
        for what in ("cat", "dog")
        for split, numbers in (("train", range(1, 13)), ("val", range(13, 25)))
    }
    assert inspected(tmp_path, FLAT, tables)["kind"] is None


def test_an_attribute_of_yes_and_no_is_the_class_where_it_is_chosen(tmp_path):
    table = {
        "attributes.csv": listed("image_id,Male,Smiling", (f"{n:06}.jpg,{1 if n % 2 else -1},{1 if n % 3 else -1}" for n in range(1, 25)))
    }
    assert inspected(tmp_path, FLAT, table)["kind"] is None
    assert counts(inspected(tmp_path, FLAT, table, label="Smiling")) == {"-1": 8, "1": 16}


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


def test_a_list_that_calls_the_folders_classes_by_number_tells_of_images_in_no_folder(tmp_path):
    """GTSRB as its authors publish it: folders 00000, 00001 with a table each, and a table of test images with 0 and 1."""
    header, test = "Filename;Width;ClassId", "Final_Test/Images"
    tables = {f"Final_Training/Images/{n:05}/GT-{n:05}.csv": listed(header, (f"{n}_{k}.ppm;29;{n}" for k in range(1, 5))) for n in range(2)}
    tables[f"{test}/GT-final_test.csv"] = listed(header, (f"{k:05}.ppm;29;{k % 2}" for k in range(1, 5)))
    train = [f"Final_Training/Images/{n:05}/{n}_{k}.ppm" for n in range(2) for k in range(1, 5)]
    said = inspected(tmp_path, train + in_folders(test, name="{:05}.ppm"), tables)
    assert said["classes"] == {f"{n:05}": {"train": 4, "validation": 0, "test": 2, "open": 0} for n in range(2)} and told(said) == {}


def test_a_list_of_train_and_one_of_validation_by_number_stand_beside_named_folders(tmp_path):
    paths = in_folders("train/cat", "train/dog") + in_folders("val", name="v{}.jpg")
    lists = {
        "train.txt": "".join(f"{path.removeprefix('train/')} {int('dog' in path)}\n" for path in paths[:8]),
        "val.txt": "".join(f"v{n}.jpg {n % 2}\n" for n in range(1, 5)),
    }
    said = inspected(tmp_path, paths, lists)
    assert said["classes"] == {label: {"train": 4, "validation": 2, "test": 0, "open": 0} for label in ("cat", "dog")}


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


WRITTEN_BY_HAND = {
    "in another case": ("IMG_{}.JPG", "img_{}.jpg"),
    "without noughts, as Excel leaves them": ("{:05}.jpg", "{}"),
    "without noughts, with the ending": ("{:05}.jpg", "{}.jpg"),
}


@pytest.mark.parametrize("way", WRITTEN_BY_HAND)
def test_a_table_that_was_written_by_hand_names_its_images(tmp_path, way):
    file, cell = WRITTEN_BY_HAND[way]
    table = {"labels.csv": listed("id,label", (f"{cell.format(n)},{'ab'[n % 2]}" for n in range(1, 13)))}
    said = inspected(tmp_path, [f"photos/{file.format(n)}" for n in range(1, 13)], table)
    assert counts(said) == {"a": 6, "b": 6} and told(said) == {}


def test_numbers_of_rows_do_not_name_a_few_images_of_many(tmp_path):
    paths = [f"photos/{n:05}.jpg" for n in range(1, 101)]
    assert inspected(tmp_path, paths, {"weather.csv": listed("day,label", (f"{n},{'ab'[n % 2]}" for n in range(1, 13)))})["kind"] is None


def test_the_line_that_excel_writes_to_itself_is_no_row(tmp_path):
    table = {"labels.csv": "sep=;\r\n" + listed("file;label", (f"{n:06}.jpg;{'ab'[n % 2]}" for n in range(1, 25)))}
    said = inspected(tmp_path, FLAT, table)
    assert counts(said) == {"a": 12, "b": 12} and told(said) == {}

"""Tables as they are published or written by hand, and what in them misleads."""

from __future__ import annotations

import pytest

from tests.classifier.data.listings import counts, in_folders, inspected, listed, told

TRAIN = [f"train_images/{n:04}.jpg" for n in range(12)]
TEST = [f"test_images/{n:04}.jpg" for n in range(100, 104)]


@pytest.mark.parametrize("name", ["sample_submission.csv", "sampleSubmission.csv", "SampleSubmission.csv", "submission_format.csv"])
def test_the_example_of_a_competitions_answers_labels_no_image(tmp_path, name):
    tables = {
        "train.csv": listed("id_code,diagnosis", (f"{n:04},{n % 3}" for n in range(12))),
        name: listed("id_code,diagnosis", (f"{n:04},0" for n in range(100, 104))),
    }
    said = inspected(tmp_path, TRAIN + TEST, tables)
    assert counts(said) == {"0": 4, "1": 4, "2": 4} and told(said) == {"not_listed": TEST}
    assert "answers of a competition" in next(table["why"] for table in said["tables"] if table["file"] == name)


def test_numbered_parts_of_a_set_are_no_classes_whatever_stands_before(tmp_path):
    """HAM10000, whose images come in two folders, and whose metadata say what they show."""
    paths = [f"HAM10000_images_part_{1 + n % 2}/ISIC_{n:07}.jpg" for n in range(12)]
    rows = (f"HAM_{n // 2},ISIC_{n:07},{('nv', 'mel')[n // 2 % 2]},histo,80.0,male,scalp" for n in range(12))
    table = {"HAM10000_metadata.csv": listed("lesion_id,image_id,dx,dx_type,age,sex,localization", rows)}
    said = inspected(tmp_path, paths, table)
    assert counts(said) == {"mel": 6, "nv": 6} and said["groups"]["groups"] == 6 and told(said) == {}


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


SEVERAL = [
    ("Finding Labels", ["Hernia", "Infiltration", "Hernia|Infiltration", "No Finding"], "Hernia|Infiltration"),
    ("tags", ["haze primary", "clear primary", "clear water primary", "haze water", "water"], "haze primary"),
    ("label", ["cat,dog", "dog", "cat", "owl"], "cat,dog"),
]


@pytest.mark.parametrize(("column", "labels", "first"), SEVERAL)
def test_several_labels_in_one_cell_are_told(tmp_path, column, labels, first):
    rows = (f'{n:06}.jpg,"{labels[(n - 1) % len(labels)]}"' for n in range(1, 25))
    said = inspected(tmp_path, FLAT, {"train.csv": listed(f"image,{column}", rows)})
    assert told(said) == {"several_labels": ["train.csv"]} and len(said["classes"]) == len(labels)
    assert f"as '{first}'" in said["left"][0]["message"]


@pytest.mark.parametrize(
    "labels", [["Boeing 707", "Boeing 727", "DH-82"], ["tench, fish", "shark, fish", "cat"], ["red car", "red", "car"]]
)
def test_labels_of_several_words_are_not_called_several_labels(tmp_path, labels):
    rows = (f'{n:06}.jpg,"{labels[n % 3]}"' for n in range(1, 25))
    assert told(inspected(tmp_path, FLAT, {"train.csv": listed("image,label", rows)})) == {}


@pytest.fixture(params=["folders", "flat"])
def birds(request) -> dict[str, str]:
    """{number: path} of two kinds of birds."""
    return {str(n): f"{'ab'[n % 2]}/{n}_x.jpg" if request.param == "folders" else f"{n}_x.jpg" for n in range(1, 21)}


def test_lists_by_number_are_read_with_the_list_that_numbers_the_images(tmp_path, birds):
    """CUB-200."""
    lists = {
        "CUB/images.txt": "".join(f"{number} {path}\n" for number, path in birds.items()),
        "CUB/train_test_split.txt": "".join(f"{number} {int(number > '2')}\n" for number in birds),
        "CUB/image_class_labels.txt": "".join(f"{number} {int(number) % 2 + 1}\n" for number in birds),
        "CUB/classes.txt": "1 a\n2 b\n",
        "CUB/bounding_boxes.txt": "".join(f"{number} 60.0 27.0 325.0 304.0\n" for number in birds),
    }
    said = inspected(tmp_path, [f"CUB/images/{path}" for path in birds.values()], lists)
    train = sum(number > "2" for number in birds)
    assert counts(said) == {"a": 10, "b": 10} and told(said) == {}
    assert sum(count["train"] for count in said["classes"].values()) == train
    assert sum(count["test"] for count in said["classes"].values()) == 20 - train


def test_lists_of_other_numbers_say_nothing_of_the_images(tmp_path):
    lists = {
        "images.txt": "".join(f"{n} cat/{n:03}_x.jpg\n" for n in range(1, 5)) + "".join(f"{n + 4} dog/{n:03}_y.jpg\n" for n in range(1, 5)),
        "train_test_split.txt": "".join(f"{n} 1\n" for n in range(100, 140)),
    }
    said = inspected(tmp_path, in_folders("cat", name="{:03}_x.jpg") + in_folders("dog", name="{:03}_y.jpg"), lists)
    assert counts(said) == {"cat": 4, "dog": 4} and said["classes"]["cat"]["open"] == 4

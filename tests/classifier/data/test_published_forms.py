"""Published sets in the forms that people have them in: what lists, folders and names say together."""

from __future__ import annotations

import json

import pytest

from tests.classifier.data.listings import counts, in_folders, inspected, listed, taken, told

SCENES = ["a/airfield", "a/apartment_building/outdoor", "b/beach"]
LISTS = {
    "categories_places365.txt": "".join(f"/{scene} {n}\n" for n, scene in enumerate(SCENES)),
    "places365_train_standard.txt": "".join(f"/{scene}/{n:08}.jpg {k}\n" for k, scene in enumerate(SCENES) for n in range(1, 6)),
    "places365_val.txt": "".join(f"Places365_val_{n:08}.jpg {n % 3}\n" for n in range(1, 7)),
}
VALIDATION = [f"val_256/Places365_val_{n:08}.jpg" for n in range(1, 7)]


def places(folder: str) -> list[str]:
    return [f"{folder}/{scene}/{n:08}.jpg" for scene in SCENES for n in range(1, 6)]


@pytest.mark.parametrize("folder", ["data_256_standard", "data_large_standard"])
def test_places_is_read_with_its_lists(tmp_path, folder):
    """Train below letters, validation loose beside it: two classes, one of them val_256, before."""
    found, rules, said = taken(tmp_path, places(folder) + VALIDATION + in_folders("test_256"), LISTS)
    assert counts(said) == {"airfield": 7, "apartment_building-outdoor": 7, "beach": 7}
    assert found[VALIDATION[0]] == ("apartment_building-outdoor", "validation") and rules == {"no_class"}


def test_the_index_of_places_without_its_lists_leaves_the_loose_images_out(tmp_path):
    said = inspected(tmp_path, places("data_256_standard") + VALIDATION)
    assert counts(said) == {"airfield": 5, "apartment_building-outdoor": 5, "beach": 5} and told(said) == {"no_class": VALIDATION[:5]}


def test_a_set_in_folders_of_its_name_beside_loose_test_images_is_found(tmp_path):
    """Kaggle's new plant diseases: the set's folder and test were the two classes."""
    name = "New Plant Diseases Dataset(Augmented)"
    paths = in_folders(*(f"{name}/{name}/{split}/{label}" for split in ("train", "valid") for label in ("Apple___scab", "Corn___rust")))
    said = inspected(tmp_path, paths + in_folders("test/test"))
    assert said["classes"]["Apple___scab"] == {"train": 4, "validation": 4, "test": 0, "open": 0}
    assert told(said) == {"no_class": in_folders("test/test")}


def test_classes_beside_one_that_is_called_as_a_split_stay_classes(tmp_path):
    assert counts(inspected(tmp_path, in_folders("dog/a", "dog/b", "test tube"))) == {"dog": 8, "test tube": 4}


KINDS = ["Aves", "Insecta", "Plantae"]
SPECIES = {f"{kind} species {n}": kind for kind in KINDS for n in range(5)}


def document(paths: list[str], names: list[str], of) -> str:
    """COCO's form, as iNaturalist has it."""
    shown = [{"id": n, "image_id": n, "category_id": of(path)} for n, path in enumerate(paths)]
    categories = [{"id": n, "name": name, "supercategory": SPECIES.get(name, "")} for n, name in enumerate(names)]
    return json.dumps(
        {"images": [{"id": n, "file_name": path} for n, path in enumerate(paths)], "annotations": shown, "categories": categories}
    )


def test_folders_of_species_below_those_of_kinds_are_told_with_the_level(tmp_path):
    """iNaturalist 2017 without its documents: thirteen classes came of five thousand, without a word."""
    paths = in_folders(*(f"train_val_images/{kind}/{name}" for name, kind in SPECIES.items()))
    said = inspected(tmp_path, paths)
    assert counts(said).keys() == set(KINDS) and told(said) == {"folders_below": ["train_val_images/Aves"]}
    assert "5 of the 15 folders below the 3" in said["left"][0]["message"] and "level 3" in said["left"][0]["message"]
    chosen = inspected(tmp_path, paths, level=3)
    assert counts(chosen).keys() == SPECIES.keys() and told(chosen) == {}


def test_folders_below_the_classes_of_splits_are_told_too(tmp_path):
    paths = in_folders(*(f"{split}/{kind}/{name}" for split in ("train", "val") for name, kind in SPECIES.items()))
    assert told(inspected(tmp_path, paths)) == {"folders_below": ["train/Aves"]}


def test_a_document_of_the_species_counts_more_than_folders_of_kinds(tmp_path):
    """iNaturalist 2018, whose folders of species are numbers."""
    names = list(SPECIES)
    paths = [f"train_val2018/{kind}/{n}/{k}.jpg" for n, kind in enumerate(SPECIES.values()) for k in range(5)]
    documents = {
        f"{split}2018.json": document(
            [path for path in paths if (path[-5] == "4") == (split == "val")], names, lambda path: int(path.split("/")[2])
        )
        for split in ("train", "val")
    }
    found, _, said = taken(tmp_path, paths, documents)
    assert counts(said) == dict.fromkeys(names, 5)
    assert found["train_val2018/Aves/0/4.jpg"] == ("Aves species 0", "validation")


def test_the_small_train_set_of_inaturalist_is_a_split_by_its_classes(tmp_path):
    species = [f"{n:05}_Animalia_Chordata_Aves_Order_Family_Genus_name{n}" for n in range(3)]
    said = inspected(tmp_path, in_folders(*(f"{split}/{name}" for split in ("train_mini", "val") for name in species), "public_test"))
    assert said["classes"] == {name: {"train": 4, "validation": 4, "test": 0, "open": 0} for name in species}
    assert list(told(said)) == ["no_class"]


FACES = [f"img_align_celeba/{n:06}.jpg" for n in range(1, 41)]


def faces(row, head: str = "") -> str:
    return head + "".join(f"{n:06}.jpg {row(n)}\n" for n in range(1, 41))


CELEBA = {
    "list_attr_celeba.txt": faces(lambda n: f"{1 if n % 2 else -1:2} {1 if n % 3 else -1:2} -1", "40\nMale Smiling Young\n"),
    "list_bbox_celeba.txt": faces(lambda n: "   95  71 226 313", "40\nimage_id x_1 y_1 width height\n"),
    "identity_CelebA.txt": faces(lambda n: n // 4),
    "list_eval_partition.txt": faces(lambda n: 0 if n < 24 else 1 if n < 32 else 2),
}


def test_attributes_of_faces_ask_which_of_them_is_the_class(tmp_path):
    """CelebA: all forty together, or who is seen, were taken for it."""
    said = inspected(tmp_path, FACES, CELEBA)
    assert said["kind"] is None and "list_attr_celeba.txt says yes or no in 3 columns (Male, Smiling, Young)" in said["message"]
    assert '--choose \'{"label": "Male"}\'' in said["message"]


def test_the_chosen_attribute_comes_with_the_published_splits_and_one_persons_images_together(tmp_path):
    found, rules, said = taken(tmp_path, FACES, CELEBA, label="Smiling")
    assert counts(said) == {"-1": 13, "1": 27} and said["groups"]["groups"] == 11
    assert {split: sum(where == split for _, where in found.values()) for split in ("train", "validation", "test")} == {
        "train": 23,
        "validation": 8,
        "test": 9,
    }
    assert "leak" not in rules


BREEDS = ["Abyssinian", "Bengal", "great_pyrenees"]
PETS = [(f"{breed}_{n}", k) for k, breed in enumerate(BREEDS, start=1) for n in range(1, 7)]


def pets(chosen) -> str:
    return "".join(f"{name} {k} {1 + (k > 2)} {k}\n" for name, k in PETS if chosen(name))


def test_the_pets_are_of_the_breeds_in_their_names_and_of_the_published_splits(tmp_path):
    """Oxford-IIIT: "Abyssinian_100 1 1 1", where the numbers are the breed's and the names it has."""
    lists = {
        "annotations/list.txt": "#Image CLASS-ID SPECIES BREED ID\n#ID: 1:37 Class ids\n" + pets(lambda name: True),
        "annotations/trainval.txt": pets(lambda name: name[-1] < "5"),
        "annotations/test.txt": pets(lambda name: name[-1] >= "5"),
    }
    masks = [f"annotations/trimaps/{name}.png" for name, _ in PETS]
    heads = {f"annotations/xmls/{name}.xml": "<annotation><object><name>cat</name></object></annotation>" for name, _ in PETS}
    found, rules, said = taken(tmp_path, [f"images/{name}.jpg" for name, _ in PETS] + masks, lists | heads)
    assert (said["kind"], counts(said)) == ("names", dict.fromkeys(BREEDS, 6)) and rules == {"mask_folder"}
    assert {path for path, (_, split) in found.items() if split == "test"} == {
        f"images/{breed}_{n}.jpg" for breed in BREEDS for n in (5, 6)
    }


def test_numbers_that_do_not_go_with_the_names_make_these_no_classes(tmp_path):
    lists = {"list.txt": "".join(f"{name} {n % 4} {n % 5} {n % 2}\n" for n, (name, _) in enumerate(PETS))}
    said = inspected(tmp_path, [f"images/{name}.jpg" for name, _ in PETS], lists)
    assert said["kind"] is None and '"kind": "names"' in said["message"]


@pytest.mark.parametrize("label", ["BACKGROUND_Google", "257.clutter", "UNK", "unknown"])
def test_a_class_of_what_is_in_no_other_is_told(tmp_path, label):
    """Caltech's and ISIC's: taken, and whoever does not want it can leave it out."""
    found, rules, said = taken(tmp_path, in_folders(label, "ant", "bee"))
    assert rules == {"background_class"} and told(said) == {"background_class": [label]} and len(found) == 12
    assert counts(inspected(tmp_path, in_folders(label, "ant", "bee"), leave=[label])) == {"ant": 4, "bee": 4}


@pytest.mark.parametrize("label", ["background noise", "unknown soldier", "clutter of cats"])
def test_a_class_with_such_a_word_in_its_name_is_one_as_any(tmp_path, label):
    assert told(inspected(tmp_path, in_folders(label, "ant"))) == {}


SIGNS = [f"Train/{c}/{c:05}_{n:05}.png" for c in range(3) for n in range(4)]
HEADER = "Width,Height,ClassId,Path"


def test_pictures_of_the_classes_are_no_samples_and_no_names(tmp_path):
    """GTSRB on Kaggle, whose folder Meta holds a drawing of each sign."""
    tables = {
        "Train.csv": listed(HEADER, (f"27,26,{path.split('/')[1]},{path}" for path in SIGNS)),
        "Test.csv": listed(HEADER, (f"27,26,{n % 3},Test/{n:05}.png" for n in range(6))),
        "Meta.csv": listed("Path,ClassId,SignId", (f"Meta/{c}.png,{c},3.{c}" for c in range(3))),
    }
    found, rules, said = taken(tmp_path, [*SIGNS, *(f"Test/{n:05}.png" for n in range(6)), *(f"Meta/{c}.png" for c in range(3))], tables)
    assert len(found) == 18 and rules == {"no_class"} and said["names"] == {}
    assert "one picture of each class" in next(table["why"] for table in said["tables"] if table["file"] == "Meta.csv")


FLAT = [f"images/{n:06}.jpg" for n in range(1, 25)]


def hot(n: int, several: int) -> str:
    """A row of three columns, of which one is true, or in the first `several` rows two."""
    return ",".join(str(int(k == n % 3 or (n <= several and k == (n + 1) % 3))) for k in range(3))


def test_an_image_of_two_of_the_columns_is_left_out_and_told(tmp_path):
    table = {"labels.csv": listed("image,MEL,NV,BCC", (f"{n:06}," + hot(n, 2) for n in range(1, 25)))}
    found, rules, said = taken(tmp_path, FLAT, table)
    assert len(found) == 22 and rules == {"several_classes"} and told(said)["several_classes"] == FLAT[:2]


def test_columns_of_which_several_are_true_ask_for_one(tmp_path):
    table = {"labels.csv": listed("image,cardiomegaly,effusion,edema", (f"{n:06}.jpg," + hot(n, 12) for n in range(1, 25)))}
    said = inspected(tmp_path, FLAT, table)
    assert said["kind"] is None and "yes or no in 3 columns (cardiomegaly, effusion, edema)" in said["message"]
    assert counts(inspected(tmp_path, FLAT, table, label="effusion")) == {"0": 12, "1": 12}


def test_the_finest_of_several_lists_of_classes_is_taken(tmp_path):
    """FGVC-Aircraft: variants, families and manufacturers of the same images, in the order of the letters before."""
    finest = [f"{maker} {kind}-{n}" for maker in ("Boeing", "Airbus") for kind in (1, 2) for n in (1, 2)]
    cuts = {"family": lambda name: name.partition("-")[0], "manufacturer": lambda name: name.split()[0], "variant": lambda name: name}
    lists = {
        f"data/images_{what}_{split}.txt": "".join(f"{n:06} {cut(finest[n % 8])}\n" for n in numbers)
        for what, cut in cuts.items()
        for split, numbers in (("train", range(1, 25)), ("test", range(25, 41)))
    }
    lists["data/images_box.txt"] = "".join(f"{n:06} 3 144 998 431\n" for n in range(1, 41))
    said = inspected(tmp_path, in_folders("data/images", name="{:06}.jpg", count=40), lists)
    assert counts(said) == dict.fromkeys(finest, 5)


def test_a_list_of_numbered_columns_with_their_names_above_is_read(tmp_path):
    """Stanford's Online Products: "image_id class_id super_class_id path"."""
    rows = [(n, n // 3, 1 + n // 12, f"{'ab'[n // 12]}_final/{n}.jpg") for n in range(24)]
    lists = {
        f"Ebay_{split}.txt": "image_id class_id super_class_id path\n"
        + "".join(" ".join(map(str, row)) + "\n" for row in rows if (row[0] % 3 > 1) == last)
        for split, last in (("train", False), ("test", True))
    }
    said = inspected(tmp_path, [row[3] for row in rows], lists, table="Ebay_train.txt", label="class_id")
    assert len(said["classes"]) == 8 and sum(count["train"] for count in said["classes"].values()) == 16

"""Words that folders, files and columns are usually called by."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from classifier.spec.events import Split

SPLIT_FOLDERS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(
        ("val", "valid", "validation", "validate", "dev", "devel", "development", "eval", "evaluation", "vals", "validations"), "validation"
    ),
    **dict.fromkeys(("test", "testing", "tst", "holdout", "tests"), "test"),
    # in other languages: German, French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish, Russian, Chinese, Japanese, Korean
    **dict.fromkeys(("trainieren", "entrainement", "entraînement", "apprentissage", "entrenamiento", "treino", "treinamento"), "train"),
    **dict.fromkeys(("addestramento", "treningowy", "eğitim", "обучение", "训练", "训练集", "訓練", "学習", "학습", "훈련"), "train"),
    **dict.fromkeys(("validierung", "validación", "validacion", "validação", "validacao", "validazione", "validatie"), "validation"),
    **dict.fromkeys(("walidacja", "doğrulama", "валидация", "验证", "验证集", "驗證", "検証", "검증"), "validation"),
    **dict.fromkeys(("prueba", "pruebas", "teste", "тест", "测试", "测试集", "測試", "テスト", "테스트", "시험"), "test"),
}
UNIONS: dict[str, Split] = {"trainval": "train"}  # of lists: what test does not hold; val is cut from it where nothing else gives one
GENERIC = {"images", "image", "imgs", "img", "photos", "pictures", "pics", "data", "files", "jpegimages", "jpeg", "jpg", "png", "all"}
PART = re.compile(r"(.*[-_ ])?(images?|imgs?|photos?|data|parts?|batch(es)?|chunks?|folders?|sets?|vol(ume)?s?)[-_ ]?\d+")  # one of several
MASKS = {
    "mask",
    "masks",
    "trimaps",
    "annotation",
    "annotations",
    "ground_truth",
    "groundtruth",
    "gt",
    "segmentation",
    "segmentations",
    "labels",
}
SAMPLES = {"sample", "samples", "example", "examples", "demo", "preview", "previews", "subset", "mini", "tiny", "toy"}

SIZES = {"large", "small", "full", "standard"}  # of the images of a split, in its folder's name
BACKGROUND = {"background", "backgrounds", "clutter", "unknown", "unk", "distractor", "distractors"}  # classes of what is in no other

PARTITIONS = {"partition", "partitions"}  # of a list's name: its lines say by number in which split each image is

# Columns, by what they hold; the more telling names first, for a table may have several.
PATH_COLUMNS = (
    *("path", "file_path", "filepath", "image_path", "img_path", "file_name", "filename", "image_name", "img_name", "file", "fname"),
    *("image", "img", "image_id", "imageid", "img_id", "picture", "photo", "id", "name"),
)
LABEL_COLUMNS = (
    *("label_name", "class_name", "category_name", "label", "labels", "class", "classname", "category", "target", "finding_labels"),
    *("choice", "species", "breed", "variety", "diagnosis", "dx", "disease", "type", "tag", "tags", "emotion", "expression", "y"),
    *("class_id", "classid", "label_id", "labelid", "category_id", "predictionstring"),
)
SPLIT_COLUMNS = ("split", "subset", "partition", "set", "data_set", "dataset", "phase", "usage", "fold")
GROUP_COLUMNS = (
    *("group", "group_id", "patient", "patient_id", "patientid", "subject", "subject_id", "person", "person_id", "lesion_id"),
    *("case", "case_id", "video", "video_id", "session", "session_id", "product", "product_id", "scene", "scene_id"),
)
COLUMNS = frozenset((*PATH_COLUMNS, *LABEL_COLUMNS, *SPLIT_COLUMNS, *GROUP_COLUMNS))


@functools.lru_cache(50_000)
def split_of(folder: str) -> Split | None:
    """The split that a folder's name means, in whatever case: "Train", "train_set", "val-images"."""
    word = re.sub(r"[-_ .]?(set|data|images|imgs|split)$", "", same(folder).casefold())
    return SPLIT_FOLDERS.get(word)


def last_split_of(folder: str) -> Split | None:
    """As `split_of`, of a name that begins with that of the set: "seg_train"."""
    return split_of(re.split(r"[-_ .]", re.sub(r"[-_ .]?(set|data|images|imgs|split)$", "", folder.casefold()))[-1])


def sibling_splits(names: Iterable[str]) -> dict[str, Split]:
    """Folders beside each other that are called the same but for the word of their split, and numbers: train and test1, train2017 and
    val2017, ISIC_2019_Training_Input and ISIC_2019_Test_Input. Without train among them they are none."""
    families: dict[tuple[str, ...], dict[str, Split]] = {}
    for name in names:
        words = words_in(name)
        splits = [SPLIT_FOLDERS[word] for word in words if word in SPLIT_FOLDERS]
        if len(splits) == 1:
            families.setdefault(tuple(word for word in words if word not in SPLIT_FOLDERS), {})[name] = splits[0]
    found = [family for family in families.values() if "train" in family.values() and len(set(family.values())) > 1]
    return found[0] if len(found) == 1 else {}


def split_in(name: str) -> Split | None:
    """The split that a word of a file's name means: "trainLabels.csv", "val_annotations.txt"."""
    words = words_in(PurePosixPath(name).stem)
    found: list[Split] = [split for word in words if (split := SPLIT_FOLDERS.get(word) or UNIONS.get(word))]
    several = {"train", "test"} <= set(found) or not PARTITIONS.isdisjoint(words)  # train_test_split.txt, list_eval_partition.txt
    return found[0] if found and not several else None


def words_in(name: str) -> list[str]:
    """ "ISIC_2019_trainLabels" as isic, train, labels"""
    return [word.casefold() for word in re.findall(r"[^\W\d_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name))]


def split_value(text: str) -> Split | None:
    """The split that a cell means; "PublicTest" and "PrivateTest" are FER2013's validation and test."""
    word = text.strip().casefold()
    return {"publictest": "validation", "privatetest": "test"}.get(word) or UNIONS.get(word) or split_of(word)  # type: ignore[return-value]


def is_generic(folder: str) -> bool:
    """Whether a folder's name says that it holds images, and not what they show."""
    return folder.casefold() in GENERIC or bool(PART.fullmatch(folder.casefold()))


def column_word(name: str) -> str:
    """A column's name as the lists here spell it: "Image ID" as "image_id"."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", name.strip()).casefold()).strip("_")


def same(text: str) -> str:
    """A name in the one form that file systems and tables are compared in."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)

from __future__ import annotations

import io
import os
import random
import tarfile
from pathlib import Path

import pytest

from classifier.data.archive import open_source
from classifier.data.encodings import ARCHIVES, TABLES, Unsaid, detect_encoding, text_of
from classifier.data.layouts.tables import read_table
from tests.classifier import images

WORDS = {
    "german": (["Löwe", "Möwe", "Bär", "Käfer", "Hühner", "Straße", "Äpfel", "grün", "Vögel"], ["cp437", "cp850", "cp1252"]),
    "spanish": (["piña", "niño", "león", "águila", "ratón", "pájaro", "araña", "plátano"], ["cp437", "cp850", "cp1252"]),
    "french": (["zèbre", "éléphant", "forêt", "chêne", "hérisson", "crème brûlée", "maïs", "canoë"], ["cp437", "cp850", "cp1252"]),
    "portuguese": (["limão", "leão", "pão", "maçã", "pássaro", "cão", "avião"], ["cp850", "cp1252"]),
    "polish": (["łoś", "żaba", "gołąb", "wąż", "świnia", "źrebię"], ["cp852"]),
    "czech": (["kočka", "žába", "kůň", "býk", "ještěrka", "myš", "želva"], ["cp852", "cp1250"]),
    "russian": (["кошка", "собака", "лошадь", "Медведь", "птица", "рыба", "дом"], ["cp866", "cp1251", "koi8_r"]),
    "greek": (["γάτα", "σκύλος", "πουλί", "άλογο"], ["cp1253"]),
    "korean": (["고양이", "강아지", "사자", "코끼리", "기린", "나비", "의자"], ["cp949"]),
    "japanese": (["猫", "犬", "ねこ", "ライオン", "ゾウ", "写真", "自転車"], ["cp932", "euc_jp"]),
    "simplified Chinese": (["猫", "小狗", "狮子", "苹果", "图片", "汽车", "蝴蝶"], ["gbk"]),
    "traditional Chinese": (["貓", "小狗", "獅子", "蘋果", "圖片", "汽車", "蝴蝶"], ["big5"]),
}
CASES = [(language, encoding) for language, (_, encodings) in WORDS.items() for encoding in encodings]


@pytest.mark.parametrize("candidates", [ARCHIVES, TABLES], ids=["of archives", "of tables"])
@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_any_three_words_of_a_language_are_read_right(language, encoding, candidates):
    chance = random.Random(0)
    for _ in range(40):
        words = chance.sample(WORDS[language][0], 3)
        names = [word.encode(encoding) for word in words]
        found = detect_encoding(names, candidates)
        assert [text_of(name, found) for name in names] == words, found


@pytest.mark.parametrize("word", ["Löwe", "Möwe", "piña", "niño", "zèbre", "limão", "кошка", "고양이"])
def test_one_name_alone_is_read_right(word):
    encoding = {"кошка": "cp866", "고양이": "cp949", "limão": "cp850"}.get(word, "cp437")
    assert text_of(word.encode(encoding), detect_encoding([word.encode(encoding)])) == word


@pytest.mark.parametrize("encoding", ["cp437", "cp850", "cp1252"])
def test_words_of_several_western_languages_together_are_read_right(encoding):
    words = [word for language in ("german", "spanish", "french") for word in WORDS[language][0]]
    names = [word.encode(encoding) for word in words]
    found = detect_encoding(names)
    assert [text_of(name, found) for name in names] == words


def test_names_in_utf8_are_read_so():
    assert detect_encoding(["猫/1.jpg".encode(), "café/2.jpg".encode(), b"cat/3.jpg"]) == "utf-8"


def test_no_two_names_become_one_where_they_fit_no_encoding():
    names = [b"\xff\xfe", b"\xfe\xff", b"\xff\xff", b"\x81\xff"]
    assert len({text_of(name, "cp932") for name in names}) == len(names)


def test_a_chosen_encoding_is_taken_whatever_names_look_like():
    assert Unsaid("cp866").text("猫".encode("gbk")) == "猫".encode("gbk").decode("cp866")


@pytest.mark.parametrize(("language", "encoding"), [("russian", "cp1251"), ("czech", "cp1250"), ("french", "cp1252"), ("korean", "cp949")])
def test_a_table_in_a_legacy_encoding_is_read_right(language, encoding):
    words = WORDS[language][0]
    lines = ["path;label", *(f"{number}.jpg;{word}" for number, word in enumerate(words))]
    table = read_table("labels.csv", "\r\n".join(lines).encode(encoding))
    assert table is not None
    assert [row[1] for row in table.rows()] == words


# Sources

POLISH = ["świnia", "łoś", "żaba", "gołąb", "źrebię"]  # the first alone reads as well in another encoding


def paths(source: Path, encoding: str = "") -> list[str]:
    opened = open_source(source, encoding)
    try:
        return [entry.path for entry in opened.entries() if entry.kind == "image"]
    finally:
        opened.close()


def legacy_tar(path: Path, words: list[str], encoding: str, packing: str = "") -> Path:
    with tarfile.open(path, f"w:{packing}", format=tarfile.GNU_FORMAT, encoding=encoding) as archive:  # type: ignore[call-overload]
        for number, word in enumerate(words):
            data = images.picture(number)
            member = tarfile.TarInfo(f"{word}/{number}.png")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("packing", ["", "gz"])
def test_a_tar_is_read_in_the_encoding_of_all_its_names_not_of_the_first(tmp_path, packing):
    path = legacy_tar(tmp_path / "a.tar", POLISH, "cp1250", packing)
    assert paths(path) == [f"{word}/{number}.png" for number, word in enumerate(POLISH)]


def test_a_tar_is_read_in_the_chosen_encoding(tmp_path):
    path = legacy_tar(tmp_path / "a.tar", ["图片"], "gbk")  # which is valid UTF-8 too, of other letters
    assert paths(path) != ["图片/0.png"] and paths(path, "gbk") == ["图片/0.png"]


def test_a_zip_is_read_in_the_chosen_encoding(tmp_path):
    path = images.raw_zip(tmp_path / "a.zip", [{"name": "ręka/1.png".encode("cp1250"), "data": images.picture(1)}])
    assert paths(path) == ["rêka/1.png"] and paths(path, "cp1250") == ["ręka/1.png"]


def test_a_folder_whose_names_are_no_utf8_is_read_as_meant(tmp_path):
    for number, word in enumerate(POLISH):
        folder = Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + word.encode("cp1250")))
        folder.mkdir(parents=True)
        (folder / f"{number}.png").write_bytes(images.picture(number))
    assert sorted(paths(tmp_path / "in")) == sorted(f"{word}/{number}.png" for number, word in enumerate(POLISH))


def test_folders_of_different_bytes_stay_different_classes(tmp_path):
    for number, name in enumerate((b"\xff\x81", b"\xff\x8d", b"\xff\x8f")):
        folder = Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name))
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(images.picture(number))
    assert len(set(paths(tmp_path / "in"))) == 3

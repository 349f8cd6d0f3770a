"""Every archive that could harm or surprise us, imported within limits; those that could take the machine by a process of their own.

The box holds for each: nothing outside the target, no temporary file, no half dataset, memory and time bounded.
"""

from __future__ import annotations

import re
import stat
import tarfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.classifier import archives, images
from tests.classifier.archives import FORMS, GOOD, Make, cut, members, packed, plain, raw, special, tar_of
from tests.classifier.box import Box, is_sentence


class Row(NamedTuple):
    """An archive, and what must come of it: refused as a whole, or its honest pictures and a rule for each odd member."""

    make: Make
    rules: dict[str, str] = {}
    refused: str = ""  # words of the sentence that refuses it as a whole
    images: int = len(GOOD)
    classes: tuple[str, ...] = ("cat", "dog")
    ignored: int = 0


PICTURE = images.picture(77)
LINK, PIPE, DEVICE = stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644


def both(said: str, row: Callable[[str], Row]) -> dict[str, Row]:
    """A row for a zip and one for a tar."""
    return {f"{said}, {form}": row(form) for form in FORMS}


def named(said: str, name: str, rule: str, shown: str = "") -> dict[str, Row]:
    """A member that its name alone refuses."""
    return both(said, lambda form: Row(packed(form, {name: PICTURE}), {shown or name: rule}))


def odd(data: bytes, **fields: object) -> dict[str, object]:
    return {"name": b"cat/x.png", "data": data, **fields}


DEEP = "/".join(["a"] * 2000) + "/x.png"
CUT_NAME = {name: name[:199] + "…" for name in (DEEP, "cat/" + "n" * 300 + ".png")}
NAMES = {
    **named("a name with ../", "../../../escaped.png", "unsafe_name"),
    **named("a name with ../ in its middle", "cat/../../../escaped.png", "unsafe_name"),
    **named("an absolute name", "/tmp/synset-escaped.png", "unsafe_name"),
    **named("a name with ..\\", "..\\..\\escaped.png", "unsafe_name"),
    **named("a drive letter", "C:\\escaped.png", "unsafe_name"),
    **named("a network share", "\\\\host\\share\\escaped.png", "unsafe_name"),
    **named("a 300-character name", "cat/" + "n" * 300 + ".png", "long_name", CUT_NAME["cat/" + "n" * 300 + ".png"]),
    **named("a 2,000-level name", DEEP, "long_name", CUT_NAME[DEEP]),
    "a NUL in a name, zip": Row(members(odd(PICTURE, name=b"cat/a\0.png")), {"cat/a\ufffd.png": "unsafe_name"}),
    "a NUL in a name, tar": Row(archives.pax_name("cat/a\0.png"), {"cat/a\ufffd.png": "unsafe_name"}),
    "broken UTF-8, zip": Row(members(odd(PICTURE, name=b"cat/\xff\xfe.png", flags=0x800)), images=9),
    "broken UTF-8, tar": Row(tar_of((plain("cat/\udcff\udcfe.png", len(PICTURE)), PICTURE)), images=9),
}

THROUGH = (
    (images.tar_member("cat/a", tarfile.SYMTYPE, "."), b""),
    (images.tar_member("cat/b", tarfile.SYMTYPE, "a/../../.."), b""),
    (plain("cat/b/escaped.png", len(PICTURE)), PICTURE),
)
LINKS = {
    **both(
        "a symlink", lambda form: Row(special(form, "cat/l.png", tarfile.SYMTYPE, LINK, "../../../../secret.png"), {"cat/l.png": "link"})
    ),
    **both(
        "a link and a file below it",
        lambda form: Row(special(form, "cat/door", tarfile.SYMTYPE, LINK, "../../..", "cat/door/x.png"), {"cat/door": "link"}, images=9),
    ),
    "a hardlink, tar": Row(special("tar", "cat/h.png", tarfile.LNKTYPE, 0, "../../../secret.png"), {"cat/h.png": "link"}),
    "a hardlink to a member, tar": Row(special("tar", "cat/h.png", tarfile.LNKTYPE, 0, "cat/0.png"), {"cat/h.png": "link"}),
    "links through links, tar": Row(tar_of(*THROUGH), {"cat/a": "link", "cat/b": "link"}, images=9),
    **both("a FIFO", lambda form: Row(special(form, "cat/f.png", tarfile.FIFOTYPE, PIPE), {"cat/f.png": "special_file"})),
    **both("a device", lambda form: Row(special(form, "cat/d.png", tarfile.CHRTYPE, DEVICE), {"cat/d.png": "special_file"})),
    "a setuid mode, zip": Row(members(odd(PICTURE, mode=stat.S_IFREG | 0o6755)), images=9),
    "a setuid mode, tar": Row(tar_of((plain("cat/s.png", len(PICTURE), 0o6755), PICTURE)), images=9),
    "a member ., zip": Row(members({"name": b"./"}, {"name": b"."}), {".": "unsafe_name"}, ignored=1),
    "a member ., tar": Row(tar_of((images.tar_member(".", tarfile.DIRTYPE), b"")), ignored=1),
}

BOMBS = {
    "a bomb by ratio, zip": Row(archives.small_bomb_zip, {"cat/x.png": "bomb"}),
    "a bomb of 4 GiB, zip": Row(archives.ratio_bomb_zip, {"cat/x.png": "too_large"}),
    "a bomb of 64 GiB, tar.gz": Row(archives.ratio_bomb_targz, refused=r"decompression bomb does\. Pack the images anew"),
    "a bomb by ratio, tar.bz2": Row(archives.packed_bomb_tar("bz2"), refused="decompression bomb"),
    "a bomb by ratio, tar.xz": Row(archives.packed_bomb_tar("xz"), refused="decompression bomb"),
    "a header without an end, tar.gz": Row(archives.header_without_end, refused=r"header is over 8 MB.* Pack the images anew"),
    "overlapping entries, zip": Row(archives.overlapping_zip, refused=r"members overlap.* Pack the images anew"),
    "entries inside entries, zip": Row(archives.quoted_overlap_zip, refused="members overlap"),
    "a size that lies low, zip": Row(archives.liar_zip, {"cat/x.png": "lying_size"}),
    "a size that lies high, zip": Row(members(odd(PICTURE, size=200 << 20)), {"cat/x.png": "bomb"}),
    "a size that lies high, tar": Row(archives.claims_more_tar, refused="cut short or damaged.* Copy or make it again"),
    "200,000 empty files, zip": Row(archives.many_empty("zip", 200_000), {f"cat/e{n:06d}.png": "empty" for n in range(200_000)}),
    "20,000 empty files, tar.gz": Row(archives.many_empty("tar", 20_000), {f"cat/e{n:06d}.png": "empty" for n in range(20_000)}),
}

SYNSETS = ("n01440764", "n02102040")
NESTED = {
    **both("a zip inside", lambda form: Row(packed(form, {"cat/more.zip": b"PK\3\4"}), {"cat/more.zip": "nested_archive"})),
    **both("a tar inside", lambda form: Row(packed(form, {"cat/more.tar.gz": b"\x1f\x8b"}), {"cat/more.tar.gz": "nested_archive"})),
    "ILSVRC's tar of class tars": Row(archives.synset_tars({}), classes=SYNSETS),
    "a tar in a class's tar": Row(
        archives.synset_tars({"n09999999.tar": b"x" * 2000}), {"n01440764/n09999999.tar": "nested_archive"}, classes=SYNSETS
    ),
    "a name with ../ in a class's tar": Row(
        archives.synset_tars({"../../../../escaped.png": PICTURE}), {"n01440764/../../../../escaped.png": "unsafe_name"}, classes=SYNSETS
    ),
    "a class's tar that is none": Row(
        packed("tar", {"n01440764.tar": b"no tar" * 200}), {"n01440764.tar": "damaged"}
    ),
    "a class's tar that is cut": Row(archives.cut_synset_tar, refused="cut short"),
    "a header without an end in a class's tar": Row(archives.synset_header_without_end, refused="header is over 8 MB"),
}  # fmt: skip

UNREADABLE = {
    "encrypted, zip": Row(members(odd(PICTURE, flags=1)), {"cat/x.png": "encrypted"}),
    "an unknown method, zip": Row(members(odd(PICTURE, method=97)), {"cat/x.png": "unknown_method"}),
    "an unknown method, tar.zst": Row(raw(b"\x28\xb5\x2f\xfd" + bytes(500)), refused=r"no zip and no tar \(gz, bz2 or xz\); give one of"),
    "a wrong checksum, zip": Row(members(odd(PICTURE, crc=1)), {"cat/x.png": "damaged"}),
    **both("empty", lambda form: Row(packed(form, {}, good=False), refused=f"an empty {form}: it holds no file. Pack one folder")),
    "no bytes": Row(raw(b""), refused=r"is empty \(0 bytes\); was it copied whole\?"),
    **{
        f"cut at {share:.0%}, {form}": Row(cut(packed(form, {}), share), refused="cut short")
        for form in FORMS
        for share in (0.4, 0.7, 0.97)
    },
    "damaged in its middle, tar.xz": Row(archives.flipped(lambda path: images.write_tar(path, GOOD, "xz")), refused="is damaged.*again"),
    "not an archive, text": Row(raw(b"this is no archive"), refused="no zip and no tar"),
    "not an archive, a picture": Row(raw(PICTURE), refused="no zip and no tar"),
    "not an archive, a page": Row(raw(images.HTML * 50), refused="no zip and no tar"),
    "not an archive, zeros": Row(raw(bytes(4000)), refused="an empty tar"),
}

ACUTE, APART = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")
ODD_LABELS = {
    "markup": ("<img src=x onerror=alert(1)>", "<script>alert(1)<", "&lt;b&gt;"),
    "formulas": ("=1+1", "+cmd", "-2+3", "@SUM(1)"),
    "Windows devices": ("CON", "NUL", "aux", "com1.png"),
    "case": ("Cat", "cat", "dog"),
}
TWINS = {"case": {"cat": "similar_classes"}}
LEGACY = {"gbk": ("小猫", "小狗", "照片"), "cp932": ("ねこ", "いぬ", "しゃしん"), "cp437": ("café", "señor", "naïve")}
LABELS = {
    "a name twice, zip": Row(members(odd(PICTURE, name=b"cat/0.png")), {"cat/0.png": "duplicate_name"}),
    "a name twice, tar": Row(tar_of((plain("cat/0.png", len(PICTURE)), PICTURE)), {"cat/0.png": "duplicate_name"}),
    **both("names in two cases", lambda form: Row(packed(form, {"cat/A.png": PICTURE, "cat/a.png": images.picture(78)}), images=10)),
    **both(
        "names in two Unicode forms",
        lambda form: Row(packed(form, {f"cat/{ACUTE}.png": PICTURE, f"cat/{APART}.png": images.picture(78)}), images=10),
    ),
    **both("litter", lambda form: Row(packed(form, {"__MACOSX/cat/._0.png": b"", "cat/.DS_Store": b"", "cat/Thumbs.db": b""}), ignored=3)),
    **{
        f"classes, {said}, {form}": Row(
            packed(form, images.class_folders(4, labels), good=False), TWINS.get(said, {}), images=4 * len(labels), classes=labels
        )
        for form in FORMS
        for said, labels in ODD_LABELS.items()
    },
    **both(
        "a class in two Unicode forms",
        lambda form: Row(packed(form, images.class_folders(4, (APART, ACUTE, "dog")), good=False), images=12, classes=(ACUTE, "dog")),
    ),
    **{
        f"classes in {encoding}, {form}": Row(archives.encoded_names(form, encoding, *words), images=14, classes=("cat", "dog", *words[:2]))
        for form in FORMS
        for encoding, words in LEGACY.items()
    },
}

DANGEROUS = {*BOMBS, *(case for case in NAMES | NESTED if "2,000-level" in case or "without an end" in case)}
ROWS = NAMES | LINKS | BOMBS | NESTED | UNREADABLE | LABELS


@pytest.fixture
def box(tmp_path: Path) -> Box:
    (tmp_path / "secret.png").write_bytes(images.picture(4711))  # where links lead
    return Box(tmp_path)


@pytest.mark.parametrize("case", ROWS)
def test_an_archive_comes_to_a_good_end(case, box):
    row = ROWS[case]
    said = box.imported(row.make(box.uploads / "pets.bin"), apart=case in DANGEROUS)
    if row.refused:
        assert said.code == 2 and "pets.bin" in said.error and is_sentence(said.error)
        assert re.search(row.refused, said.error), said.error
        return
    assert said.code == 0 and said.rules() == row.rules, said.error
    assert all(is_sentence(problem["message"]) for problem in said.problems)
    assert (said.end["images"], set(said.end["classes"]), said.end["ignored"]) == (row.images, set(row.classes), row.ignored)

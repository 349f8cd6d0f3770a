"""What each kind of source gives, and which members are refused by which rule."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import struct
import tarfile
import zipfile

import pytest

from classifier.data.archive import MAX_MEMBER_BYTES, open_source
from classifier.data.problems import Unreadable
from classifier.spec.errors import InputError
from tests.classifier import images

GOOD = images.class_folders(2)


def read(path) -> tuple[dict[str, bytes], dict[str, str]]:
    """({path: bytes of images}, {file: the rule that refused it})."""
    source = open_source(path)
    taken, rules = {}, {}
    try:
        for entry in source.entries():
            if entry.kind == "refused":
                rules[entry.path] = entry.rule
            if entry.read:
                try:
                    taken[entry.path] = entry.read()
                except Unreadable as error:
                    rules[entry.path] = error.rule
    finally:
        source.close()
    return taken, rules


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_gives_its_images_however_packed(tmp_path, method):
    assert read(images.write_zip(tmp_path / "a.zip", GOOD, method)) == (GOOD, {})


@pytest.mark.parametrize("packing", ["", "gz", "bz2", "xz"])
def test_a_tar_gives_its_images_however_packed(tmp_path, packing):
    assert read(images.write_tar(tmp_path / "a.tar", GOOD, packing)) == (GOOD, {})


def test_a_folder_gives_its_images(tmp_path):
    assert read(images.write_folder(tmp_path / "a", GOOD)) == (GOOD, {})


def test_a_zip_with_a_program_before_it_is_read(tmp_path):
    path = images.write_zip(tmp_path / "a.zip", GOOD)
    path.write_bytes(b"MZ" + b"\0" * 500 + path.read_bytes())
    assert read(path)[0] == GOOD


def test_a_zip64_is_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in GOOD.items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write(data)
    as_zip64(path)
    assert read(path) == (GOOD, {})


def as_zip64(path) -> None:
    """Moves the closing record's figures into the 64-bit one."""
    body, end = path.read_bytes()[:-22], path.read_bytes()[-22:]
    *_, entries, length, offset, _ = struct.unpack("<4s4H2LH", end)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, length, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(body), 1)
    path.write_bytes(body + record + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))


# Members that are refused, beside good ones that are taken


BAD_MEMBERS = {
    "link": {"name": b"cat/l.png", "data": b"../../secret", "mode": stat.S_IFLNK | 0o777},
    "special_file": {"name": b"cat/f.png", "mode": stat.S_IFIFO | 0o644},
    "encrypted": {"name": b"cat/e.png", "data": b"????", "flags": 1},
    "unknown_method": {"name": b"cat/m.png", "data": b"????", "method": 97},
    "lying_size": {"name": b"cat/s.png", "data": b"????", "size": 9},
    "damaged": {"name": b"cat/c.png", "data": images.picture(5), "crc": 1},
    "bomb": {"name": b"cat/b.png", "packed_data": images.deflated(b"\0" * (20 << 20)), "size": 20 << 20, "method": 8},
    "too_large": {"name": b"cat/t.png", "data": b"????", "size": MAX_MEMBER_BYTES + 1, "method": 8},
    "nested_archive": {"name": b"cat/n.zip", "data": b"PK"},
    "unknown_ending": {"name": b"cat/v.mp4", "data": b"film"},
    "unsafe_name": {"name": b"../../out.png", "data": images.picture(5)},
    "long_name": {"name": b"x" * 300 + b".png", "data": images.picture(5)},
}


@pytest.mark.parametrize("rule", BAD_MEMBERS)
def test_a_bad_zip_member_is_refused_by_its_rule(tmp_path, rule):
    taken, rules = read(images.raw_zip(tmp_path / "a.zip", [*images.raw_members(GOOD), BAD_MEMBERS[rule]]))
    assert taken == GOOD
    assert list(rules.values()) == [rule]


def test_a_member_that_unpacks_to_more_than_it_says_is_cut_off(tmp_path):
    liar = {"name": b"cat/x.png", "packed_data": images.deflated(b"\0" * (50 << 20)), "size": 100, "method": 8}
    assert read(images.raw_zip(tmp_path / "a.zip", [liar]))[1] == {"cat/x.png": "lying_size"}


@pytest.mark.parametrize("name", ["../out.png", "/tmp/out.png", "..\\out.png", "C:\\out.png"])
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_name_that_leads_out_is_refused_and_nothing_is_written(tmp_path, kind, name):
    home = images.write_folder(tmp_path, {"in/deep/x": b""}) / "in" / "deep"
    files = {**GOOD, name: images.picture(8)}
    path = images.write_tar(home / "x", files) if kind == "tar" else images.raw_zip(home / "x", images.raw_members(files))
    taken, rules = read(path)
    assert taken == GOOD
    assert list(rules.values()) == ["unsafe_name"]
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def test_a_name_with_a_nul_is_refused(tmp_path):
    path = images.raw_zip(tmp_path / "a.zip", [{"name": b"cat/a\0.png", "data": images.picture(1)}])
    assert read(path) == ({}, {"cat/a\ufffd.png": "unsafe_name"})


KINDS = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE}


@pytest.mark.parametrize("kind", KINDS)
def test_a_tar_member_that_is_no_file_is_refused(tmp_path, kind):
    path = images.odd_tar(tmp_path / "a.tar", images.tar_member("cat/x.png", KINDS[kind], "/etc/passwd"))
    taken, rules = read(path)
    assert rules == {"cat/x.png": "link" if "link" in kind else "special_file"}
    assert len(taken) == 8


def test_a_member_named_by_a_dot_is_harmless(tmp_path):
    path = images.odd_tar(tmp_path / "a.tar", images.tar_member(".", tarfile.DIRTYPE))
    assert len(read(path)[0]) == 8


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cat/IMG_1.HEIC", "export it as JPEG"),
        ("cat/1.jxl", "JPEG XL"),
        ("cat/1.jp2", "JPEG 2000"),
        ("cat/1.CR2", "camera's raw file"),
        ("cat/1.dcm", "DICOM"),
        ("cat/1.psd", "drawing program's own file"),
        ("cat/1.mp4", "is a film"),
        ("cat/1.xyz", "has an ending that no image has"),
    ],
)
def test_of_a_file_by_whose_ending_it_is_no_image_is_said_what_to_do(tmp_path, name, words):
    source = open_source(images.write_zip(tmp_path / "a.zip", {**GOOD, name: b"x"}))
    said = [(entry.rule, entry.message) for entry in source.entries() if entry.kind == "refused"]
    source.close()
    assert len(said) == 1 and said[0][0] == "unknown_ending" and words in said[0][1]


def test_names_in_broken_utf8_are_taken_in_some_spelling(tmp_path):
    path = images.raw_zip(tmp_path / "a.zip", [{"name": b"c\xff\xfet/1.png", "data": images.picture(1), "flags": 0x800}])
    assert len(read(path)[0]) == 1


def test_names_in_gbk_are_read_as_meant(tmp_path):
    path = images.raw_zip(tmp_path / "a.zip", [{"name": "小猫/照片.png".encode("gbk"), "data": images.picture(1)}])
    assert list(read(path)[0]) == ["小猫/照片.png"]


@pytest.mark.parametrize(
    ("target", "rules"), [("../../outside.png", {"cat/l.png": "link"}), ("0.png", {}), ("none.png", {"cat/l.png": "link"})]
)
def test_links_are_followed_only_to_files_inside_the_folder(tmp_path, target, rules):
    folder = images.write_folder(tmp_path / "in", GOOD)
    (tmp_path / "outside.png").write_bytes(images.picture(3))
    (folder / "cat/l.png").symlink_to(target)
    assert read(folder)[1] == rules


def test_a_linked_folder_is_not_entered(tmp_path):
    folder = images.write_folder(tmp_path / "in", GOOD)
    (folder / "loop").symlink_to("..")
    assert read(folder) == (GOOD, {"loop": "link"})


def test_a_pipe_in_a_folder_is_not_opened(tmp_path):
    folder = images.write_folder(tmp_path / "in", GOOD)
    os.mkfifo(folder / "cat/pipe.png")
    assert read(folder)[1] == {"cat/pipe.png": "special_file"}


def changed_once_listed(folder, change, seen: int = 2) -> dict[str, str]:
    """The rules by which entries and their files are refused where somebody changes the folder once so many of them were seen."""
    entries, rules = iter(open_source(folder).entries()), {}
    some = [next(entries) for _ in range(seen)]
    change()
    for entry in [*some, *entries]:
        rules |= {entry.path: entry.rule} if entry.rule else {}
        try:
            _ = entry.read and entry.read()
        except Unreadable as error:
            rules[entry.path] = error.rule
    return rules


def outside(tmp_path):
    return images.write_folder(tmp_path / "out", {"secret.png": images.picture(9)})


def in_place_of(path, make):
    """Moves what is there away and puts something else there."""
    path.rename(path.parent.parent / "moved")
    make(path)


def test_a_file_that_became_a_link_out_since_it_was_listed_is_not_read(tmp_path):
    folder, secret = images.write_folder(tmp_path / "in", {"cat/0.png": images.picture(0)}), outside(tmp_path) / "secret.png"
    rules = changed_once_listed(folder, lambda: in_place_of(folder / "cat/0.png", lambda path: path.symlink_to(secret)))
    assert rules == {"cat/0.png": "link"}


def test_a_file_that_became_a_pipe_since_it_was_listed_is_not_waited_for(tmp_path):
    folder = images.write_folder(tmp_path / "in", {"cat/0.png": images.picture(0)})
    assert changed_once_listed(folder, lambda: in_place_of(folder / "cat/0.png", os.mkfifo)) == {"cat/0.png": "special_file"}


@pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="only Linux lends files")
def test_a_file_that_a_file_server_has_lent_is_read_once_it_is_given_back(tmp_path):
    folder = images.write_folder(tmp_path / "in", {"cat/0.png": images.picture(0)})
    lent = os.open(folder / "cat/0.png", os.O_RDWR)
    before = signal.signal(signal.SIGIO, lambda *_: fcntl.fcntl(lent, fcntl.F_SETLEASE, fcntl.F_UNLCK))
    try:
        fcntl.fcntl(lent, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        assert read(folder) == ({"cat/0.png": images.picture(0)}, {})
    finally:
        os.close(lent)
        signal.signal(signal.SIGIO, before)


@pytest.mark.parametrize(("seen", "told"), [(2, "dog"), (3, "dog/")])
def test_a_folder_that_became_a_link_out_since_it_was_listed_is_not_entered(seen, told, tmp_path):
    folder = images.write_folder(tmp_path / "in", {"cat/0.png": images.picture(0), "dog/1.png": images.picture(1)})
    rules = changed_once_listed(folder, lambda: in_place_of(folder / "dog", lambda path: path.symlink_to(outside(tmp_path))), seen)
    assert rules == {told: "link"}


# Archives that are refused as a whole


def whole(tmp_path, kind: str) -> bytes:
    path = tmp_path / "whole"
    return (images.write_zip(path, GOOD) if kind == "zip" else images.write_tar(path, GOOD, kind.removeprefix("tar"))).read_bytes()


@pytest.mark.parametrize("kind", ["zip", "tar", "targz", "tarbz2", "tarxz"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_an_archive_that_is_cut_short_is_refused_by_its_name(tmp_path, kind, share):
    data = whole(tmp_path, kind)
    end = len(data.rstrip(b"\0"))  # a plain tar ends in padding
    (tmp_path / "half.bin").write_bytes(data[: int(end * share)])
    with pytest.raises(InputError, match=r"half\.bin .*(cut short|zip and no tar)"):
        read(tmp_path / "half.bin")


@pytest.mark.parametrize("data", [b"this is no archive", b"\x89PNG\r\n\x1a\n", b"\0" * 100, b"\x1f\x8bnonsense", b"<html>" * 200])
def test_what_is_no_archive_is_refused_by_its_name(tmp_path, data):
    (tmp_path / "no.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"no\.zip"):
        read(tmp_path / "no.zip")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "no.zip").write_bytes(b"")
    with pytest.raises(InputError, match="empty"):
        open_source(tmp_path / "no.zip")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        open_source(tmp_path / "no.zip")


@pytest.mark.parametrize("make", [images.write_zip, images.write_tar])
def test_an_empty_archive_is_refused(tmp_path, make):
    with pytest.raises(InputError, match="empty"):
        read(make(tmp_path / "none", {}))


def test_overlapping_members_are_refused(tmp_path):
    first = {"name": b"cat/0.png", "data": images.picture(1)}
    again = {**first, "name": b"cat/1.png", "at": 0}
    with pytest.raises(InputError, match="overlap"):
        read(images.raw_zip(tmp_path / "a.zip", [first, again]))


def test_a_tar_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.tars.RATIO_FREE_STREAM", 1 << 20)
    path = images.write_tar(tmp_path / "a.tar.gz", {"cat/0.png": b"\0" * (8 << 20)}, "gz")
    with pytest.raises(InputError, match="bomb"):
        read(path)


def test_a_tar_header_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("classifier.data.tars.HEADER_BYTES", 1 << 16)
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "a" * (4 << 20)}):
        pass
    with pytest.raises(InputError, match="header is over"):
        read(path)


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    for module in ("zips", "tars"):
        monkeypatch.setattr(f"classifier.data.{module}.MAX_MEMBERS", 3)
    for path in (images.write_zip(tmp_path / "a.zip", GOOD), images.write_tar(tmp_path / "a.tar", GOOD)):
        with pytest.raises(InputError, match=r"at most 3|over 3"):
            read(path)


def test_a_tar_whose_first_name_begins_as_a_zip_does_is_a_tar(tmp_path):
    path = images.write_tar(tmp_path / "lots.tar", {"PKLot/empty/1.png": images.picture(1), "PKLot/taken/2.png": images.picture(2)})
    assert [entry.path for entry in open_source(path).entries() if entry.kind == "image"] == ["PKLot/empty/1.png", "PKLot/taken/2.png"]

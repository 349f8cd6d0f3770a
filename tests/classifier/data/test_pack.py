from __future__ import annotations

import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from classifier.data.batches import Images
from classifier.data.decode import decode
from classifier.data.pack import MemoryPack, Pack, PackWriter, content_hash, encode
from classifier.spec.packfile import THUMB, THUMBNAIL_SIDE
from tests.classifier import images

FILES = [images.picture(1), images.photograph(2, width=300, height=200), images.picture(3, mode="L"), images.photograph(4, mode="L")]


@pytest.fixture
def folder(tmp_path):
    with PackWriter(tmp_path) as writer:
        for data in FILES:
            writer.add(decode(data, "a"), content_hash(data))
    return tmp_path


def test_raw_pixels_come_back_as_they_were(folder):
    image = Pack.open(folder).image(0)
    assert (image.permute(1, 2, 0).numpy() == images.pixels(1)).all()


def test_a_photograph_comes_back_in_its_size(folder):
    pack = Pack.open(folder)
    assert pack.size(1) == (200, 300)
    assert pack.image(1).shape == (3, 200, 300)


@pytest.mark.parametrize("row", [2, 3])
def test_grey_is_stored_once_and_read_thrice(folder, row):
    pack = Pack.open(folder)
    assert pack.index["channels"][row] == 1
    assert (pack.image(row)[0] == pack.image(row)[2]).all()


def test_the_same_bytes_get_the_same_row(tmp_path):
    with PackWriter(tmp_path) as writer:
        rows = [writer.add(decode(data, "a"), content_hash(data)) for data in (FILES[0], FILES[2], FILES[0])]
    assert rows == [0, 1, 0]


def test_a_pack_opened_again_is_appended_to(folder):
    data = images.picture(9)
    with PackWriter(folder) as writer:
        assert writer.add(decode(FILES[0], "a"), content_hash(FILES[0])) == 0
        assert writer.add(decode(data, "a"), content_hash(data)) == len(FILES)
    assert (Pack.open(folder).image(4).permute(1, 2, 0).numpy() == images.pixels(9)).all()


@pytest.mark.parametrize("twice", [(), (1, 3)])
@pytest.mark.parametrize("begun", [0, 2])
def test_several_images_at_once_lie_as_they_would_one_by_one(tmp_path, begun, twice):
    files = [FILES[place] for place in (*range(len(FILES)), *twice)]
    rows = {}
    for way in ("one by one", "at once"):
        with PackWriter(tmp_path / way) as writer:
            for data in FILES[:begun]:
                writer.add(decode(data, "a"), content_hash(data))
        with PackWriter(tmp_path / way) as writer:
            together = Images()
            for data in files:
                together.add(encode(decode(data, "a")), content_hash(data))
            rows[way] = writer.extend(together) if way == "at once" else [writer.append(*image) for image in together]
    assert rows["at once"] == rows["one by one"]
    for name in PackWriter.FILES:
        assert (tmp_path / "at once" / name).read_bytes() == (tmp_path / "one by one" / name).read_bytes()


def test_thumbnails_lie_parallel_to_the_images(folder):
    thumbs, table = (folder / "thumbs.bin").read_bytes(), (folder / "thumbs_index.bin").read_bytes()
    sizes = []
    for offset, length, width, height in THUMB.iter_unpack(table):
        with Image.open(io.BytesIO(thumbs[offset : offset + length])) as thumb:
            assert thumb.size == (width, height)
            sizes.append((thumb.format, max(thumb.size)))
    assert sizes == [("PNG", 16), ("JPEG", THUMBNAIL_SIDE), ("PNG", 16), ("JPEG", 120)]


def test_pictures_in_memory_are_packed_like_imported_ones(folder):
    pack, errors = MemoryPack.from_files([("a.png", data) for data in FILES])
    assert errors == {}
    for row in range(len(FILES)):
        assert (pack.image(row) == Pack.open(folder).image(row)).all()


def test_an_unreadable_picture_is_named_by_its_position():
    pack, errors = MemoryPack.from_files([("a.png", FILES[0]), ("b.png", b"no"), ("c.png", FILES[1])])
    assert len(pack) == 2
    assert {position: error.rule for position, error in errors.items()} == {1: "not_an_image"}


def test_only_raw_pixels_make_a_small_pack(folder):
    assert not Pack.open(folder).is_small
    assert MemoryPack.from_files([("a.png", FILES[0])])[0].is_small


def test_many_threads_read_the_same_pack(folder):
    pack = Pack.open(folder)
    wanted = [np.asarray(pack.image(row)) for row in range(4)]
    with ThreadPoolExecutor(4) as pool:
        read = pool.map(lambda row: np.asarray(pack.image(row % 4)), range(200))
        assert all((image == wanted[position % 4]).all() for position, image in enumerate(read))


def test_a_pack_travels_to_another_process_by_its_folder(folder):
    copy = pickle.loads(pickle.dumps(Pack.open(folder)))  # noqa: S301 - our own bytes
    assert len(copy) == len(FILES)


STORES = ("pixels.bin", "jpeg.bin", "thumbs.bin")


def sizes(pack):
    return {name: (pack / name).stat().st_size for name in PackWriter.FILES}


def test_what_a_killed_writer_left_behind_the_rows_goes(folder):
    before = sizes(folder)
    for name in STORES:
        with (folder / name).open("ab") as file:
            file.write(b"half an image")
    with PackWriter(folder):
        pass
    assert sizes(folder) == before


def test_images_are_right_behind_what_a_killed_writer_left(folder):
    with (folder / "pixels.bin").open("ab") as file:
        file.write(b"half an image")
    data = images.picture(9)
    with PackWriter(folder) as writer:
        row = writer.add(decode(data, "new.png"), content_hash(data))
    assert (Pack.open(folder).image(row).permute(1, 2, 0).numpy() == images.pixels(9)).all()


def test_a_writer_that_fails_leaves_the_pack_as_it_was(folder):
    before, data = sizes(folder), images.photograph(9)
    with pytest.raises(OSError, match="full"), PackWriter(folder) as writer:
        writer.add(decode(data, "new.jpg"), content_hash(data))
        raise OSError("full")
    assert sizes(folder) == before


def test_a_disk_that_is_full_at_the_end_leaves_the_pack_as_it_was(folder, monkeypatch):
    before, data = sizes(folder), images.photograph(9)

    def full(_):
        raise OSError("full")

    with pytest.raises(OSError, match="full"), PackWriter(folder) as writer:
        writer.add(decode(data, "new.jpg"), content_hash(data))
        monkeypatch.setattr("classifier.data.pack.os.fsync", full)
    assert sizes(folder) == before

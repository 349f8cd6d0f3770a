from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from classifier.data import markers
from classifier.data.decode import Decoded, decode, kept_size, one_channel_if_grey, simple
from classifier.data.pack import encode
from classifier.data.problems import Unreadable
from classifier.spec.packfile import SMALL_IMAGE_PIXELS
from tests.classifier import images

BAD = images.unreadable_images()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_image_is_refused_by_its_rule(name):
    rule, data = BAD[name]
    with pytest.raises(Unreadable) as error:
        decode(data, name)
    assert error.value.rule == rule
    assert len(error.value.message) > 15


def rules(data: bytes, name: str) -> list[str]:
    return [problem["rule"] for problem in decode(data, name).warnings]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF"])
def test_every_kind_is_read_without_a_word(kind):
    ending = {"TIFF": "tif", "JPEG": "jpg"}.get(kind, kind.lower())
    decoded = decode(images.picture(1, kind, 20, 10), f"a.{ending}")
    assert decoded.pixels.shape == (10, 20, 3)
    assert decoded.warnings == []


def test_a_lying_extension_is_taken_with_a_warning():
    assert rules(images.picture(1, "PNG"), "cat.jpg") == ["lying_extension"]


def test_a_bad_checksum_that_still_decodes_is_taken_with_a_warning():
    data = images.picture(1, "PNG")
    decoded = decode(images.with_bad_checksum(data), "a.png")
    assert [problem["rule"] for problem in decoded.warnings] == ["bad_checksum"]
    assert (decoded.pixels == decode(data, "a.png").pixels).all()


@pytest.mark.parametrize(("kind", "ending"), [("GIF", "gif"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif")])
def test_of_several_frames_the_first_is_taken_with_a_warning(kind, ending):
    decoded = decode(images.animated(kind), f"a.{ending}")
    assert [problem["rule"] for problem in decoded.warnings] == ["animated"]
    assert abs(decoded.pixels.astype(int) - images.pixels(0, 24, 24)).mean() < 20  # GIF and WebP lose a little


def test_a_long_thin_image_is_taken_with_warnings():
    assert rules(images.picture(1, "PNG", 20_000, 1), "a.png") == ["aspect", "tiny"]


def test_one_pixel_is_taken_with_a_warning():
    assert rules(images.picture(1, "PNG", 1, 1), "a.png") == ["tiny"]


def test_a_broken_colour_profile_is_ignored():
    data = images.photograph(1, icc_profile=b"no profile at all")
    assert decode(data, "a.jpg").warnings == []


def test_of_a_gif_that_is_also_a_script_only_pixels_are_kept():
    stored = encode(decode(images.GIF_SCRIPT, "a.gif"))
    assert b"alert" in images.GIF_SCRIPT
    assert b"alert" not in stored.payload + stored.thumb


# Colour modes


def test_transparency_becomes_white():
    clear = Image.new("RGBA", (20, 20), (200, 0, 0, 0))
    assert (decode(images.encoded(clear), "a.png").pixels == 255).all()


def test_a_palette_with_transparency_becomes_white_where_it_is_clear():
    image = Image.new("P", (90, 90), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    data = images.encoded(image, "PNG", transparency=1)
    assert (decode(data, "a.png").pixels == 255).all()


def test_grey_with_transparency_stays_grey():
    data = images.picture(1, "PNG", 90, 90, mode="LA")
    assert decode(data, "a.png").pixels.shape == (90, 90, 1)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (65535, 255), (257 * 100, 100)])
def test_sixteen_bits_are_divided_by_257(value, expected):
    data = images.encoded(Image.fromarray(np.full((9, 9), value, np.uint16)))
    assert (decode(data, "a.png").pixels == expected).all()


@pytest.mark.parametrize(("top", "expected"), [(1.0, 255), (200.0, 200), (5000.0, 255)])
def test_float_tiffs_are_scaled_by_their_range(top, expected):
    values = np.linspace(0, top, 100, dtype=np.float32).reshape(10, 10)
    assert decode(images.encoded(Image.fromarray(values), "TIFF"), "a.tif").pixels.max() == expected


def test_a_float_tiff_with_nan_is_read():
    values = np.full((10, 10), np.nan, np.float32)
    assert (decode(images.encoded(Image.fromarray(values), "TIFF"), "a.tif").pixels == 0).all()


def test_one_bit_becomes_black_and_white():
    data = images.encoded(Image.fromarray(np.eye(16, dtype=bool)))
    assert set(np.unique(decode(data, "a.png").pixels)) == {0, 255}


def test_cmyk_keeps_its_colour():
    red = Image.new("RGB", (90, 90), (200, 30, 30)).convert("CMYK")
    mean = decode(images.encoded(red, "JPEG"), "a.jpg").pixels.mean(axis=(0, 1))
    assert abs(mean - (200, 30, 30)).max() < 12


def test_small_grey_saved_as_rgb_is_stored_as_one_channel():
    grey = images.picture(1, "PNG", 28, 28, mode="L")
    as_rgb = images.encoded(Image.open(io.BytesIO(grey)).convert("RGB"))
    assert decode(as_rgb, "a.png").pixels.shape == (28, 28, 1)


# Orientation, size, metadata


def oriented(value: int, kind: str = "JPEG") -> bytes:
    picture = Image.new("RGB", (120, 80), (0, 0, 0))
    picture.paste((255, 255, 255), (0, 0, 60, 40))  # white top left
    exif = Image.Exif()
    exif[0x0112] = value
    return images.encoded(picture, kind, exif=exif)


CORNERS = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("value", CORNERS)
def test_orientation_is_applied(value, kind):
    decoded = decode(oriented(value, kind), "a." + {"JPEG": "jpg", "PNG": "png", "TIFF": "tif"}[kind])
    assert decoded.pixels.shape[:2] == ((80, 120) if value < 5 else (120, 80))
    assert decoded.pixels[CORNERS[value]].min() > 200
    assert decoded.jpeg is None or value == 1


def test_an_upright_jpeg_keeps_its_pixels_and_loses_its_metadata():
    exif = Image.Exif()
    exif[0x010F] = "MakerOfCameras"
    data = images.photograph(1, exif=exif, comment=b"taken at home") + b"<script>alert(1)</script>"
    kept = decode(data, "a.jpg").jpeg
    assert kept is not None
    assert not any(word in kept for word in (b"MakerOf", b"at home", b"script"))
    assert (np.asarray(Image.open(io.BytesIO(kept))) == np.asarray(Image.open(io.BytesIO(data)))).all()


def test_a_large_photograph_is_made_smaller():
    decoded = decode(images.photograph(1, width=2000, height=1500), "a.jpg")
    assert decoded.pixels.shape == (960, 1280, 3)
    assert decoded.jpeg is None


@pytest.mark.parametrize(
    ("size", "kept"), [((640, 480), (640, 480)), ((4000, 3000), (1280, 960)), ((4000, 1000), (2560, 640)), ((60_000, 600), (8192, 82))]
)
def test_a_panorama_keeps_a_short_side_worth_training_on(size, kept):
    assert kept_size(size) == kept


PLAIN = [(mode, options) for mode in ("L", "RGB") for options in ({}, {"compress_level": 0}, {"compress_level": 9}, {"optimize": True})]


@pytest.mark.parametrize(("mode", "options"), PLAIN)
def test_a_small_plain_png_is_decoded_as_pillow_decodes_it(mode, options):
    drawn = Image.fromarray(np.tile(np.arange(0, 240, 5, np.uint8), (40, 1))).convert(mode)  # a slope: rows are filtered
    for data in (
        images.encoded(drawn, **options),
        images.picture(7, mode=mode, **options),
        images.picture(7, mode=mode, width=9, height=3),
    ):
        with Image.open(io.BytesIO(data)) as opened:
            wanted = np.asarray(opened)
        found = simple(data)
        assert found is not None and (found == one_channel_if_grey(wanted.reshape(*wanted.shape[:2], -1))).all()
        assert (decode(data, "a.png").pixels == found).all()


def with_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    body = kind + content
    return data[:33] + len(content).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big") + data[33:]


def half_the_pixels(data: bytes) -> bytes:
    """A PNG of one chunk of pixels that ends too soon, with right checksums."""
    length = int.from_bytes(data[33:37], "big")
    return with_chunk(data[:33] + data[-12:], b"IDAT", data[41 : 41 + length // 2])


OTHERS = [
    images.picture(1, mode="P"),
    images.picture(1, mode="RGBA"),
    images.picture(1, mode="1"),
    images.picture(1, width=65, height=64),
    images.encoded(Image.fromarray(np.zeros((8, 8), np.uint16))),
    with_chunk(images.picture(1), b"tRNS", bytes(6)),
    with_chunk(images.picture(1), b"eXIf", b"II*\0"),
    with_chunk(images.picture(1), b"acTL", bytes(8)),
    images.picture(1)[:28] + b"\1" + images.picture(1)[29:],  # interlaced
    b"\x89PNG\r\n\x1a\n" + with_chunk(b"", b"IEND", b""),
    half_the_pixels(images.picture(1)),
]


BARE = images.picture(1)


@pytest.mark.parametrize(("mode", "options"), PLAIN)
def test_a_bare_png_is_what_the_walk_through_it_makes_of_it(mode, options):
    data = images.picture(7, mode=mode, **options)
    assert markers.bare_png(data, 256) == markers.plain_png(markers.mended_png(data)[0], 256) is not None


@pytest.mark.parametrize(
    "data",
    [
        *OTHERS[:-1],  # the last is bare, and its pixels say what is wrong with it
        images.with_bad_checksum(BARE),
        BARE[:29] + b"\0\0\0\0" + BARE[33:],  # of the header
        BARE[:-20] + BARE[-12:],
        BARE[:-1],
        BARE + b"\0",
        with_chunk(BARE, b"gAMA", bytes(4)),
        with_chunk(BARE, b"IDAT", b""),
        images.photograph(1),
        b"\x89PNG",
    ],
)
def test_a_png_with_anything_else_in_it_is_not_bare(data):
    assert markers.bare_png(data, SMALL_IMAGE_PIXELS) is None


def test_an_array_and_a_picture_give_each_other():
    pixels, grey = images.pixels(1, 20, 10), images.pixels(1, 20, 10)[:, :, :1]
    for array in (pixels, grey):
        one = Decoded(array, [], None)
        other = Decoded(one.picture, [], None)
        assert (other.pixels == array).all() and one.shape == other.shape == array.shape


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_comment_goes_into_neither_image_nor_thumbnail(mode):
    data = images.photograph(1, mode=mode, width=400, height=300, comment=b"taken by somebody")
    encoded = encode(decode(data, "a.jpg"))
    assert b"somebody" in data and b"somebody" not in encoded.payload + encoded.thumb


def test_to_make_a_thumbnail_changes_nothing_of_the_image():
    decoded = decode(images.photograph(1, width=400, height=300), "a.jpg")
    before = decoded.pixels.copy()
    assert encode(decoded).thumb_size == (192, 144) and (decoded.pixels == before).all()


@pytest.mark.parametrize("data", OTHERS)
def test_any_other_png_goes_the_whole_way(data):
    assert simple(data) is None


def test_a_plain_png_whose_pixels_end_too_soon_is_refused_as_others_are():
    with pytest.raises(Unreadable) as error:
        decode(half_the_pixels(images.picture(1)), "a.png")
    assert error.value.rule in ("truncated", "damaged")

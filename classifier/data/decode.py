"""The one place where an image file is opened: at import, and when a picture to classify is packed.

What goes in are bytes nobody vouches for; what comes out is upright uint8 RGB or grey within the size cap.
"""

from __future__ import annotations

import contextlib
import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from classifier.data.convert import as_array, as_picture, to_grey_or_rgb, upright
from classifier.data.markers import CUT, PlainPng, bare_png, check_gif_end, check_said_length, clean_jpeg, mended_png, plain_png
from classifier.data.problems import Problem, Unreadable, warned
from classifier.data.turns import Turn
from classifier.spec.packfile import SMALL_IMAGE_PIXELS

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF")  # JPEG covers a camera's MPO
ENDINGS = {
    "JPEG": {"jpg", "jpeg", "jpe", "jfif", "mpo"},
    "PNG": {"png", "apng"},
    "GIF": {"gif"},
    "BMP": {"bmp", "dib"},
    "WEBP": {"webp"},
    "TIFF": {"tif", "tiff"},
    "PPM": {"ppm", "pgm", "pbm", "pnm", "pfm"},
    "AVIF": {"avif"},
}
IMAGE_ENDINGS = frozenset().union(*ENDINGS.values())

MAX_PIXELS = 100_000_000  # of one image; more is refused before a pixel is decoded
LONG_SIDE = 1280  # pixels; photographs are kept up to this size,
SHORT_SIDE = 640  # but a panorama never with a short side below this (training at 512 resizes the short side to 585)
LONGEST_SIDE = 8192  # whatever the aspect
LARGE_PIXELS = 16_000_000  # images above are decoded one at a time, so that memory stays bounded on many cores
MAX_ASPECT = 20
MIN_SIDE = 8

ORIENTED = {"exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp"}  # what of an image's info may say how it is to be turned

# Pillow warns of a large image; here that is an error. What else it warns of (odd metadata) concerns nobody.
# Filters set once are safe with threads, catch_warnings is not.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

# What Pillow's decoders raise on damaged files, as its documentation and fuzzing show.
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RuntimeError,
    EOFError, AssertionError, ZeroDivisionError, MemoryError, struct.error, zlib.error, Warning,
)  # fmt: skip

PNG = b"\x89PNG\r\n\x1a\n"

one_large_image = Turn()


class Decoded:
    """One image as the pack takes it: upright, grey or RGB, within the size cap.

    It stays what the decoder made of it, array or picture, until somebody asks for the other: a photograph costs a copy each way.
    """

    def __init__(self, image: np.ndarray | Image.Image, warnings: list[Problem], jpeg: bytes | None) -> None:
        self.image = image  # an array as `pixels`, or a picture without metadata
        self.warnings = warnings
        self.jpeg = jpeg  # metadata-free JPEG bytes of the same pixels, where the file's own can be kept

    @property
    def pixels(self) -> np.ndarray:
        """uint8 [H, W, 3 or 1]."""
        return self.image if isinstance(self.image, np.ndarray) else as_array(self.image)

    @property
    def picture(self) -> Image.Image:
        """Not to be changed."""
        return as_picture(self.image) if isinstance(self.image, np.ndarray) else self.image

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        if isinstance(self.image, np.ndarray):
            height, width, channels = self.image.shape
            return height, width, channels
        return self.image.height, self.image.width, len(self.image.getbands())


def decode(data: bytes, name: str) -> Decoded:
    """The image of a file's bytes; `name` gives the ending to compare with and stands in the warnings.

    Raises Unreadable, whose `rule` is one of empty, lfs_pointer, not_an_image, too_large, truncated, bomb, damaged.
    """
    refuse_what_is_no_image(data)
    found: list[Problem] = []
    pixels, kept = drawn(bare_png(data, SMALL_IMAGE_PIXELS)), None
    if pixels is None:
        data, kept = prepared(data, name, found)
        pixels = simple(data) if data.startswith(PNG) else None
    if pixels is not None:
        return Decoded(pixels, found + said_of("PNG", (pixels.shape[1], pixels.shape[0]), name, animated=False), None)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            check_size(image)
            found += said_of(str(image.format), image.size, name, animated=getattr(image, "is_animated", False))
            keep = kept if kept is not None and may_keep(image) else None
            with one_large_image if image.width * image.height > LARGE_PIXELS else contextlib.nullcontext():
                image_kept = load(image)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise Unreadable("not_an_image", not_an_image(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable("too_large", f"has more than {MAX_PIXELS:,} pixels, the most that is taken") from None
    except DECODER_ERRORS as error:
        raise unreadable(error) from None
    return Decoded(image_kept, found, keep)


def simple(data: bytes) -> np.ndarray | None:
    """The pixels of a whole, small, plain PNG; None for any other, and for one that is damaged: then the whole way says how."""
    return drawn(plain_png(data, SMALL_IMAGE_PIXELS))


def drawn(plain: PlainPng | None) -> np.ndarray | None:
    """Its pixels, by Pillow's own decoder but without its walk through the file, which takes most of the time of such an image."""
    if plain is None:
        return None
    size = plain.width, plain.height
    try:
        image = Image.frombytes(plain.mode, size, plain.coded, "zip", plain.mode)
    except DECODER_ERRORS:
        return None
    return one_channel_if_grey(np.frombuffer(image.tobytes(), np.uint8).reshape(plain.height, plain.width, -1))


def refuse_what_is_no_image(data: bytes) -> None:
    if not data:
        raise Unreadable("empty", "is empty (0 bytes)")
    if data.startswith(b"version https://git-lfs"):
        raise Unreadable("lfs_pointer", "is a Git LFS pointer, not the image itself; run `git lfs pull` and pack the folder again")


def prepared(data: bytes, name: str, found: list[Problem]) -> tuple[bytes, bytes | None]:
    """(the bytes to decode, the JPEG to keep); raises Unreadable where the file ends too soon."""
    if data.startswith(b"\xff\xd8\xff"):
        jpeg = clean_jpeg(data)
        return data, jpeg.data if jpeg.common else None
    if data.startswith(PNG):
        data, wrong = mended_png(data)
        if wrong:
            found.append(warned(name, "bad_checksum", "has a wrong checksum inside, so it may be damaged; it still decodes and was taken"))
    elif data.startswith((b"GIF87a", b"GIF89a")):
        check_gif_end(data)
    elif data.startswith(b"RIFF"):
        check_said_length(data, 4, more=8)
    elif data.startswith(b"BM"):
        check_said_length(data, 2)
    return data, None


def check_size(image: Image.Image) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise Unreadable("not_an_image", f"has no pixels: its header says {width} × {height}")
    if width * height > MAX_PIXELS:
        raise Unreadable("too_large", f"has {width:,} × {height:,} pixels; at most {MAX_PIXELS:,} in all are taken")


def said_of(kind: str, size: tuple[int, int], name: str, *, animated: bool) -> list[Problem]:
    """The warnings about an image that is taken; `kind` as Pillow calls it."""
    found, (width, height) = [], size
    animated = animated and kind != "MPO"  # a camera's JPEG with its preview
    kind = "JPEG" if kind == "MPO" else kind
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in IMAGE_ENDINGS and ending not in ENDINGS[kind]:
        found.append(warned(name, "lying_extension", f"is a {kind} file under the ending .{ending}; taken as {kind}"))
    if animated:
        found.append(warned(name, "animated", "has several frames or pages; the first was taken"))
    if max(width, height) > MAX_ASPECT * min(width, height):
        found.append(warned(name, "aspect", f"is {width} × {height} pixels: one side is over {MAX_ASPECT} times the other"))
    if min(width, height) < MIN_SIDE:
        found.append(warned(name, "tiny", f"is {width} × {height} pixels: under {MIN_SIDE} on a side there is little to see"))
    return found


def may_keep(image: Image.Image) -> bool:
    """Whether the file's own JPEG bytes can stand in the pack: upright, RGB or grey, within the cap, no small image."""
    width, height = image.size
    within = kept_size((width, height)) == (width, height) and width * height > SMALL_IMAGE_PIXELS
    return within and image.mode in ("RGB", "L") and orientation(image) == 1


def orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1 (upright) where there is none or it cannot be read. A PNG's may lie behind its pixels."""
    if ORIENTED.isdisjoint(image.info) and image.format != "TIFF":
        return 1
    try:
        value = image.getexif().get(0x0112, 1)
    except DECODER_ERRORS:
        return 1
    return value if value in range(1, 9) else 1


def load(image: Image.Image) -> np.ndarray | Image.Image:
    """Every pixel of the first frame, upright and within the cap: of a small one uint8 [H, W, 3 or 1], else a picture without metadata."""
    target = kept_size(image.size)
    if target != image.size:
        image.draft(None, target)  # a JPEG decodes at 1/2, 1/4 or 1/8, never below the target
    image.load()
    turn = orientation(image) if image.format != "TIFF" else 1  # Pillow turns these itself
    image = upright(to_grey_or_rgb(image), turn)
    if kept_size(image.size) != image.size:
        image = image.resize(kept_size(image.size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.info = {}  # a comment in it would be written with the thumbnail
    return one_channel_if_grey(as_array(image)) if image.width * image.height <= SMALL_IMAGE_PIXELS else image


def one_channel_if_grey(pixels: np.ndarray) -> np.ndarray:
    """A small RGB image whose three channels are equal (digits saved as RGB) loses nothing as one."""
    if pixels.shape[2] == 3 and (pixels == pixels[:, :, :1]).all():
        return pixels[:, :, :1]
    return pixels


def kept_size(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) within the caps, aspect kept."""
    long, short = max(size), min(size)
    scale = min(1.0, max(LONG_SIDE / long, SHORT_SIDE / short), LONGEST_SIDE / long)
    return (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))) if scale < 1 else size


def unreadable(error: Exception) -> Unreadable:
    """The rule behind a decoder's error."""
    text = str(error)
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return Unreadable("truncated", CUT)
    if isinstance(error, MemoryError):
        return Unreadable("too_large", "needs more memory than there is")
    if "Decompressed data too large" in text or "text memory" in text.lower():
        return Unreadable("bomb", "unpacks to far more than an image of its size may hold")
    return Unreadable("damaged", "is damaged and cannot be decoded")


NAMED_STARTS = (
    (b"%!PS", "an EPS drawing"), (b"\xc5\xd0\xd3\xc6", "an EPS drawing"), (b"%PDF", "a PDF"), (b"PK\x03\x04", "a zip archive"),
    (b"8BPS", "a Photoshop file"), (b"<svg", "an SVG drawing"), (b"<!doctype html", "a web page"), (b"<html", "a web page"),
)  # fmt: skip


def not_an_image(data: bytes) -> str:
    head = data[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"<?xml") and b"<svg" in head:
        return "is an SVG drawing, not an image of pixels; export it as PNG"
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        return "is an HEIC photograph, which is not read; export it as JPEG"
    kind = next((said for start, said in NAMED_STARTS if head.startswith(start.lower())), None)
    return f"is {kind}, not an image" if kind else f"is not an image of a kind that is read ({', '.join(sorted(ENDINGS))})"

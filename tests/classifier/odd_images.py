"""Images that say or hold more than they should."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from tests.classifier import images

PNG_START = b"\x89PNG\r\n\x1a\n"


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG that ends behind its frame's header."""
    data = bytearray(images.photograph(1))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data[: data.index(b"\xff\xda")]) + b"\xff\xd9"


def gif_header(width: int, height: int) -> bytes:
    """A GIF whose screen and one image say a size, and hold next to nothing."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x08\0;"


def bmp_header(width: int, height: int) -> bytes:
    """A BMP without pixels."""
    return b"BM" + struct.pack("<LHHLLllHHLLllLL", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def text_bomb(megabytes: int = 2048) -> bytes:
    """A PNG with a comment of 2 GiB, packed into 2 MB."""
    packer = zlib.compressobj(9)
    start = packer.compress(b"a" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = again.compress(b"a" * (1 << 20)) + again.flush(zlib.Z_FULL_FLUSH)
    return images.png(16, 16, images.png_chunk(b"zTXt", b"Comment\0\0" + start + block * (megabytes - 1)))


def profile_bomb() -> bytes:
    """A PNG whose colour profile unpacks to 256 MiB."""
    return images.png(16, 16, images.png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"\0" * (256 << 20))))


def many_scans(count: int = 20_000) -> bytes:
    """A progressive JPEG whose last scan comes so many times: each costs a pass over the whole image."""
    stream = io.BytesIO()
    Image.fromarray(images.pixels(1, 1000, 1000)).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2][:40] * count + data[last:]


def with_place(data: bytes) -> bytes:
    """A JPEG with a maker, an orientation and where it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "MakerOfCameras", 6
    exif.get_ifd(0x8825)[1] = "N"
    return images.encoded(Image.open(io.BytesIO(data)), "JPEG", exif=exif, quality=95)


def clear_palette() -> bytes:
    """A picture of palette colours, of which the one it uses is clear."""
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    return images.encoded(image, "PNG", transparency=1)

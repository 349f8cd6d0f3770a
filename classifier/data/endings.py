"""What is said of files that hold pictures in a way that is not read."""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "has an ending that no image has; it was not opened"
ENDINGS: Final = (
    ("heic heif hif", "is an HEIC photograph, as phones make them, which is not read; export it as JPEG"),
    ("jxl", "is a JPEG XL picture, which is not read; save it as JPEG or PNG (djxl does so without loss)"),
    ("jp2 j2k jpf jpx jpm j2c", "is a JPEG 2000 picture, which is not read; save it as PNG"),
    (
        "cr2 cr3 crw nef nrw arw sr2 srf dng orf rw2 raf pef srw x3f 3fr raw rwl",
        "is a camera's raw file, which is not read; export it as JPEG, or take the JPEG that the camera stored beside it",
    ),
    (
        "dcm dicom ima",
        "is a DICOM file, which is not read: its values are no colours, and it may name a patient; export its pictures as PNG",
    ),
    ("nii mha mhd nrrd", "is a volume of many slices, which is not read; export the slices as PNG"),
    ("svs ndpi mrxs scn vsi czi lif nd2", "is a microscope's file of many pictures, which is not read; export fields of it as PNG"),
    ("psd psb xcf kra ai afphoto cdr", "is a drawing program's own file, which is not read; export it as PNG"),
    ("svg svgz eps ps wmf emf", "is a drawing, not an image of pixels; export it as PNG"),
    ("ico icns cur tga exr hdr pcx dds sgi rgb qoi fits fit", "is a picture of a kind that is not read; save it as PNG"),
    (
        "mp4 m4v mov avi mkv webm wmv flv mpg mpeg mts m2ts 3gp ogv",
        "is a film, which is not read; cut pictures out of it, and keep those of one film in one split by a group pattern",
    ),
    ("wav mp3 flac ogg m4a aac", "is a sound, not an image"),
    ("xlsx xls xlsm ods numbers", "is a spreadsheet, which is not read; save it as CSV beside the images"),
    ("npz npy pkl pickle mat bin db sqlite", "is a program's own file, which is not read; write its images as files, one folder a class"),
    (
        "tfrecord tfrecords tfrec record rec mdb lmdb h5 hdf5 arrow beton",
        "holds a framework's records, which are not read; write its images as files, one folder a class",
    ),
    (
        "parquet",
        "holds a framework's records, which are not read; of HuggingFace's sets the images are in it. Load it with their package datasets "
        "and save each row's image into a folder of its label, or as files beside a CSV, and import those",
    ),
)
SAID: Final = {ending: words for endings, words in ENDINGS for ending in endings.split()}


def said_of(path: str) -> str:
    """Why a file whose ending no image has is left out, and what to do."""
    return SAID.get(path.rpartition(".")[2].lower(), UNKNOWN)

"""What the row of the matrix measures on."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from benchmarks.matrices import rows
from benchmarks.scored import FAMILY, columns
from benchmarks.wide import PICTURES, write_thumbnails
from classifier.spec.packfile import THUMBNAIL_SIDE
from webapp.datasets import packs


def test_made_up_predictions_are_as_a_network_gives_them():
    made = columns(np.arange(5_000) // 5, 1_000)
    assert (np.diff(made["best_probability"], axis=1) <= 0).all() and (made["best"][:, 0] == made["predicted"]).all()
    wrong = made["label"] != made["predicted"]
    assert 0.1 < wrong.mean() < 0.4 and (made["loss"] >= 0).mean() > 0.99
    assert (made["label"][wrong] // FAMILY == made["predicted"][wrong] // FAMILY).mean() > 0.5


def test_its_images_have_thumbnails_as_photographs_have(tmp_path):
    write_thumbnails(tmp_path, PICTURES + 3)
    first, again, other = (packs.stored_thumbnail(tmp_path, number) for number in (0, PICTURES, PICTURES + 1))
    assert first == again != other and first[1] == "image/jpeg" and len(first[0]) > 2_000
    assert Image.open(io.BytesIO(first[0])).size == (THUMBNAIL_SIDE, THUMBNAIL_SIDE)


def test_the_large_one_is_measured_by_its_name_alone(tmp_path):
    assert [(row.name, row.by_name) for row in rows(tmp_path)] == [("results/matrix-1000", False), ("results/matrix-1000-million", True)]

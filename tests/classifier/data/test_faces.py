"""Faces in photographs: found, blurred beyond recognition, and told."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from importlib.resources import files
from io import BytesIO

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException
from PIL import Image
from torchvision.ops import nms

from classifier.data import faces, reading
from classifier.data.dataset import Dataset
from classifier.data.decode import Decoded
from classifier.data.importer import import_dataset
from classifier.data.inspection import inspect_source
from classifier.data.revise import revise
from classifier.spec import faces as detecting
from classifier.spec.errors import InputError
from tests.classifier.images import picture, write_zip

FACE = (0.51, 0.39)  # where the nose is, as a share of width and height
PHOTOGRAPH = files("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg"  # a portrait in the public domain


def portrait(scale=1.0, mode="RGB"):
    """uint8 [H, W, 3 or 1]"""
    with PHOTOGRAPH.open("rb") as file, Image.open(file) as image:
        size = tuple(round(extent * scale) for extent in image.size)
        pixels = np.asarray(image.convert(mode).resize(size))
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def pasted(face, size, *places):
    """The portrait at several places of a grey picture [W, H]."""
    whole = Image.new("RGB", size, (128, 128, 128))
    for place in places:
        whole.paste(Image.fromarray(face), place)
    return np.asarray(whole)


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.2])
def test_a_face_is_found_where_it_is_whatever_its_size(scale):
    pixels = portrait(scale)
    ((left, top, right, bottom),) = faces.faces(pixels)
    height, width = pixels.shape[:2]
    assert left < FACE[0] * width < right and top < FACE[1] * height < bottom
    assert right - left < 0.6 * width and bottom - top < 0.6 * height


def test_faces_are_found_in_grey_pictures():
    assert len(faces.faces(portrait(0.5, "L"))) == 1


def test_each_face_of_several_is_found_once():
    assert len(faces.faces(pasted(portrait(0.3), (600, 240), (20, 20), (220, 30), (420, 40)))) == 3


def test_a_picture_without_faces_has_none():
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    assert not len(faces.faces(noise)) and not len(faces.faces(np.full((200, 300, 3), 90, np.uint8)))


def test_on_a_tiny_picture_nobody_is_looked_for(monkeypatch):
    monkeypatch.setattr(faces, "session", lambda: pytest.fail("looked"))
    assert faces.faces(np.zeros((faces.LEAST_SIDE - 1, 400, 3), np.uint8)).shape == (0, 4)


def test_a_blurred_face_is_not_found_any_more_and_the_rest_stays():
    pixels = portrait(0.5)
    image = faces.blurred(Decoded(pixels, [], b"the file's own"), "portrait.jpg")
    assert not len(faces.faces(image.pixels))
    assert (image.pixels[-60:] == pixels[-60:]).all() and image.pixels.shape == pixels.shape


def test_of_a_face_less_is_left_than_tells_whose_it_is():
    pixels = portrait()
    ((left, top, right, bottom),) = faces.faces(pixels).astype(int)
    inner = faces.blur(pixels, faces.faces(pixels))[top + 40 : bottom - 40, left + 40 : right - 40].astype(float)
    steps = np.abs(np.diff(inner, axis=0)).max(), np.abs(np.diff(inner, axis=1)).max()
    assert max(steps) <= 4 < np.abs(np.diff(pixels[top:bottom].astype(float), axis=0)).max()


def test_the_files_own_bytes_are_not_kept_where_a_face_is_blurred_and_that_is_told():
    image = faces.blurred(Decoded(portrait(0.5), [], b"the file's own"), "people/portrait.jpg")
    (told,) = image.warnings
    assert image.jpeg is None and told["taken"] and told["rule"] == "faces_blurred"
    assert told["file"] == "people/portrait.jpg" and told["message"] == "It shows 1 face, blurred in what is kept."


def test_a_picture_without_faces_is_kept_as_it_is():
    image = Decoded(np.full((100, 100, 3), 7, np.uint8), [], b"the file's own")
    assert faces.blurred(image, "wall.jpg") is image


def test_a_face_at_the_edge_is_blurred_within_the_picture():
    pixels = portrait(0.5)
    found = faces.blur(pixels, np.array([[-30, -20, 60, 70], [200, 250, 400, 500]], np.float32))
    assert found.shape == pixels.shape and not (found == pixels).all()


def test_without_its_detector_that_is_said(monkeypatch):
    monkeypatch.setattr(detecting, "detector_file", lambda: None)
    with pytest.raises(InputError, match="the detector is not installed"):
        detecting.require_detector()


@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_of_overlapping_boxes_those_are_kept_that_torchvision_keeps(seed, count):
    chance = np.random.default_rng(seed)
    corners = chance.uniform(0, 80, (count, 2))
    boxes = np.concatenate([corners, corners + chance.uniform(1, 60, (count, 2))], 1).astype(np.float32)
    scores = chance.permutation(count).astype(np.float32)
    kept = nms(torch.from_numpy(boxes), torch.from_numpy(scores), faces.OVERLAP).numpy()
    assert (faces.likeliest(boxes, scores) == boxes[kept]).all()


def test_an_import_loads_no_torch():
    """Which would take hundreds of megabytes of each process that decodes."""
    code = "import sys, classifier.data.importer, classifier.data.inspection; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def crowd(tmp_path):
    """People and things: class folders of photographs, of which one class has faces."""

    def jpeg(pixels):
        file = BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=95)
        return file.getvalue()

    person = portrait(0.5)
    files = {f"people/{n}.jpg": jpeg(np.roll(person, 5 * n, 1)) for n in range(3)}
    return write_zip(tmp_path / "crowd.zip", files | {f"things/{n}.png": picture(n) for n in range(3)})


def kept(dataset):
    """{path: pixels} of a dataset."""
    opened = Dataset.open(dataset)
    return {opened.path(n): opened.pack.image(int(opened.images[n])).permute(1, 2, 0).numpy() for n in range(len(opened))}


def test_an_import_keeps_faces_blurred_where_that_is_asked_for(crowd, tmp_path):
    event = import_dataset(crowd, tmp_path / "d", blur_faces=True)
    images = kept(tmp_path / "d")
    assert not any(len(faces.faces(pixels)) for pixels in images.values())
    told = {problem["file"] for problem in event["problems"] if problem["rule"] == "faces_blurred"}
    assert told == {path for path in images if path.startswith("people/")} and len(images) == 6


def test_an_import_leaves_faces_as_they_are_unless_that_is_asked_for(crowd, tmp_path):
    import_dataset(crowd, tmp_path / "d")
    assert sum(len(faces.faces(pixels)) for pixels in kept(tmp_path / "d").values()) == 3


def test_a_dataset_with_blurred_faces_is_another_one(crowd, tmp_path):
    plain, blurry = (import_dataset(crowd, tmp_path / str(blur), blur_faces=blur)["id"] for blur in (False, True))
    assert plain != blurry and import_dataset(crowd, tmp_path / "again", blur_faces=True)["id"] == blurry


def test_what_is_added_later_is_treated_as_the_first_images_were(crowd, tmp_path):
    import_dataset(crowd, tmp_path / "d", blur_faces=True)
    person = BytesIO()
    Image.fromarray(portrait(0.6)).save(person, "PNG")
    write_zip(tmp_path / "more.zip", {"new.png": person.getvalue()})
    changes = tmp_path / "changes.jsonl"
    changes.write_text(json.dumps({"op": "add", "source": "more.zip", "label": "people"}) + "\n")
    revise(tmp_path / "d", changes, tmp_path / "v2")
    assert not len(faces.faces(kept(tmp_path / "v2")["new.png"]))


def test_a_look_shows_some_images_as_they_would_be_kept(crowd):
    found = inspect_source(crowd, faces=True)["faces"]
    assert (found["looked"], found["shown"]) == (6, 3)
    data = b64decode(found["pictures"][0]["image"].removeprefix("data:image/webp;base64,"))
    assert found["pictures"][0]["path"] == "people/0.jpg" and found["pictures"][0]["faces"] == 1
    assert not len(faces.faces(np.asarray(Image.open(BytesIO(data)).convert("RGB"))))


def test_a_look_tells_how_far_it_is_with_the_faces(crowd, monkeypatch):
    """Who is silent for long is taken for hung, and ended."""
    monkeypatch.setattr(reading, "EVENT_SECONDS", 0.0)
    told = []
    inspect_source(crowd, faces=True, on_event=told.append)
    begins = next(place for place, event in enumerate(told) if event.get("message") == "Looking for faces")
    assert [event["done"] for event in told[begins + 1 :] if event["event"] == "progress"] == [1, 2, 3, 4, 5, 6]


def test_a_look_shows_no_faces_unless_that_is_asked_for(crowd):
    assert "faces" not in inspect_source(crowd)


def test_without_its_detector_nothing_is_imported(crowd, tmp_path, monkeypatch):
    monkeypatch.setattr(detecting, "detector_file", lambda: None)
    with pytest.raises(InputError, match="the detector is not installed"):
        import_dataset(crowd, tmp_path / "d", blur_faces=True)
    assert not (tmp_path / "d").exists()


def test_without_its_detector_nothing_is_added_to_a_dataset_whose_faces_are_blurred(crowd, tmp_path, monkeypatch):
    import_dataset(crowd, tmp_path / "d", blur_faces=True)
    monkeypatch.setattr(detecting, "detector_file", lambda: None)
    changes = tmp_path / "changes.jsonl"
    changes.write_text(json.dumps({"op": "add", "source": "crowd.zip"}) + "\n")
    with pytest.raises(InputError, match="the detector is not installed"):
        revise(tmp_path / "d", changes, tmp_path / "v2")


def test_an_image_for_which_the_network_has_no_memory_is_left_out_alone(monkeypatch):
    class Full:
        def run(self, *_):
            raise RuntimeException("Failed to allocate memory")

    monkeypatch.setattr(faces, "session", Full)
    with pytest.raises(MemoryError, match="allocate"):
        faces.faces(portrait(0.2))

"""Faces are found by CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019) and blurred.

The network gives, for every fourth pixel, how likely a face has its middle there, its size and where exactly the middle lies.
Not every face is found, and some that are found are none: who relies on it looks at the result.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from classifier.data.convert import as_picture
from classifier.data.decode import Decoded
from classifier.data.problems import warned
from classifier.spec.faces import detector_file
from classifier.spec.words import plural

THRESHOLD = 0.2  # of the likelihood: rather one blurred for nothing than one left
OVERLAP = 0.3  # of two boxes, above which they are one face
LONG_SIDE = 1280  # pixels, as images are kept
LEAST_SIDE = 24  # of an image; on smaller ones nobody is known
STRIDE, MULTIPLE = 4, 32  # of the network's outputs and inputs
WIDER = 1.3  # than the box: hair, ears and chin belong to a face
BLOCKS = 5  # a face is left with so many colours across, whatever its size
INPUT, OUTPUTS = "input.1", ["537", "538", "539"]  # likelihood, size, place of the middle


def blurred(image: Decoded, name: str) -> Decoded:
    """The image with its faces blurred, which a warning tells; as it was where none are found."""
    boxes = faces(image.pixels)
    if not len(boxes):
        return image
    told = warned(name, "faces_blurred", f"shows {plural(len(boxes), 'face')}, blurred in what is kept")
    return Decoded(blur(image.pixels, boxes), [*image.warnings, told], None)


def faces(pixels: np.ndarray) -> np.ndarray:
    """float32 [N, 4]: left, top, right and bottom of each face on uint8 [H, W, 3 or 1]."""
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_SIDE:
        return np.empty((0, 4), np.float32)
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = tuple(max(MULTIPLE, round(extent * scale / MULTIPLE) * MULTIPLE) for extent in (width, height))
    image = as_picture(pixels).convert("RGB").resize(size, Image.Resampling.BILINEAR)
    values = np.asarray(image, np.float32).transpose(2, 0, 1)[None]
    import onnxruntime

    errors = onnxruntime.capi.onnxruntime_pybind11_state
    try:
        boxes = boxes_of(*session().run(OUTPUTS, {INPUT: values}))
    except (errors.Fail, errors.RuntimeException) as error:  # so it says that there was no memory; that image alone is left out then
        raise MemoryError(str(error)) from None
    return np.asarray(boxes * np.array([width / size[0], height / size[1]] * 2, np.float32))


def boxes_of(likely: np.ndarray, extent: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """float32 [N, 4] in pixels of the network's input, from its outputs [1, 1 or 2, h, w]; the likelier of two that overlap."""
    rows, columns = np.nonzero(likely[0, 0] > THRESHOLD)
    height, width = (np.exp(extent[0, axis, rows, columns]) * STRIDE for axis in (0, 1))
    middle_y = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE
    middle_x = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE
    boxes = np.stack([middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2], 1).astype(np.float32)
    return likeliest(boxes, likely[0, 0, rows, columns])


def likeliest(boxes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """float32 [M, 4]: of the boxes [N, 4] those that overlap no likelier one by more than OVERLAP of what both cover, the likeliest first.

    As torchvision's nms, without torch: an import decodes in a process a core, and torch takes hundreds of megabytes of each.
    """
    left, kept = boxes[np.argsort(-scores, kind="stable")], list[np.ndarray]()
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        inner = np.minimum(best[2:], left[:, 2:]) - np.maximum(best[:2], left[:, :2])
        both = inner.clip(0).prod(1)
        either = (best[2:] - best[:2]).prod() + (left[:, 2:] - left[:, :2]).prod(1) - both
        left = left[both <= OVERLAP * either]
    return np.array(kept, np.float32).reshape(-1, 4)


def blur(pixels: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The pixels with an ellipse of a few colours over each box: what is kept of a face is less than tells whose it is."""
    image = as_picture(pixels)
    for box in boxes:
        place = widened(box, image.size)
        size = place[2] - place[0], place[3] - place[1]
        few = image.crop(place).resize((BLOCKS, BLOCKS), Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
        image.paste(few, place, mask)
    found = np.asarray(image)
    return found[:, :, None] if found.ndim == 2 else found


def widened(box: np.ndarray, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in whole pixels, WIDER about the middle and within the image."""
    middle, half = (box[:2] + box[2:]) / 2, WIDER * (box[2:] - box[:2]) / 2
    left, top = np.maximum(0, np.floor(middle - half)).astype(int)
    right, bottom = np.minimum(size, np.ceil(middle + half)).astype(int)
    return int(left), int(top), max(int(right), int(left) + 1), max(int(bottom), int(top) + 1)


@lru_cache(1)
def session() -> Any:
    """The network with inputs of any size, on one thread: images are decoded on all cores already."""
    import onnx
    import onnxruntime

    model = onnx.load(str(detector_file()))
    for value in (*model.graph.input, *model.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        if value.name == INPUT or value in model.graph.output:
            for axis in (0, 2, 3):
                dimensions[axis].dim_param = f"{value.name}.{axis}"  # in place of the size that it was exported with
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # it warns of weights that it does not need
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

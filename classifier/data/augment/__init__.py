"""Random changes to whole batches of training images, on the device, different for each image.

What a batch gets is drawn by one generator on the processor, so that it is the same on every device and a pure
function of that generator's seed. A few numbers an image are drawn, never a number a pixel:
where the window lies (crop, shift, flip, rotation), how the colours shift, which operations of a policy it gets, and which
rectangle is erased or comes from another image. (Noise alone takes more: see `filters.noisy`.)
"""

from classifier.data.augment.batch import apply
from classifier.data.augment.colour import Normalisation, normalise
from classifier.data.augment.geometry import shrunk
from classifier.data.augment.mixing import likeliest, mixed
from classifier.data.augment.strengths import Augment, resolve
from classifier.spec.viewing import EVAL_CROP

__all__ = ["EVAL_CROP", "Augment", "Normalisation", "apply", "likeliest", "mixed", "normalise", "resolve", "shrunk"]

"""Networks: torchvision's by name, our own small ones, and the weights they start from."""

from classifier.models import quick_start as quick_start  # before all that imports torchvision

"""Networks: torchvision's by name, our own small ones, and the weights they start from."""

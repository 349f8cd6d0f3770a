"""The engine: from image files to a trained, measured classifier. Pure PyTorch, usable without the web."""

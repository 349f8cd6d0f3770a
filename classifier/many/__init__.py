"""Many pictures at once, of no dataset: packed as an import packs them, then through a network as an evaluation sends them."""

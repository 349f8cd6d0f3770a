"""To erase an image, by its content hash, wherever the team has it: its pixels are overwritten, its names forgotten.

Rows stay as tombstones, since a version is named by the hash of its rows. The engine does what lies in a dataset's folder
(`python -m classifier erase`), `forgetting` what stands in rows; other apps do theirs (`webapp.datasets.hooks.when_erased`).
"""

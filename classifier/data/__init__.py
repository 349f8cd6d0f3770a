"""From a user's files to the pack that training, evaluation and prediction read.

Reading order: names, archive (zips, tars), layout, decode, pack, split, duplicates, dataset, importer.
"""

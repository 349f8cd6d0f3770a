"""From a user's files to the pack that training, evaluation and prediction read.

Reading order: names, archive (zips, tars), boxes, survey, layouts, decode, pack, split, duplicates, dataset, importer.
"""

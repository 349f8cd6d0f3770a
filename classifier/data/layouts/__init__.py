"""How a source says what its images show.

Reading order: words, base, folders; tables, keys, roles, manifest; readable, mat, devkit, others, choose; arrange; tree.
"""

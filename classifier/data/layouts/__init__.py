"""How a source says what its images show.

Reading order: words, base, folders; tables, keys, roles, manifest; compare, gather, others, beside; readable, mat, devkit, choose;
arrange; tree.
"""

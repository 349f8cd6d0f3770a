"""How a source says what its images show.

Reading order: words, base, nodes, copies, split_folders, folders; spaced, mat, exports, documents, tables, keys, roles, scope, manifest;
compare, numbers, celeba, gather, others, beside; readable, devkit, flowers, marks, drawn, choose; unread, reasons, arrange; tree.
"""

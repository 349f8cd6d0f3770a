"""The data card of a sealed version: what it holds, where it came from, what is known to be wrong with it, and what may be done with it.

After Gebru and others, "Datasheets for Datasets" (2021): but what a machine knows is written by it, from the facts.
"""

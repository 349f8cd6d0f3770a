"""Which samples of a version a gallery shows, and in which order.

Read from the version's own files, a draft laid over them; no table is searched and nothing is counted in the database. A million
samples take some milliseconds, and every list has its length and can be entered anywhere.
"""

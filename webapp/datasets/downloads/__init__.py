"""A sealed version to take along: its images as class folders or as HuggingFace's imagefolder, its rows as a table.

All of it is read from the version's files, a part at a time: no transaction is open, nothing lies in memory or on disk whole.
"""

"""Archives that come in parts and may be gone on with: the tus 1.0.0 protocol over a row and a file for each.

`begin` makes the row, `part` is the file, `receive` takes what comes and makes the dataset of the whole, `tus` speaks the protocol,
`expire` removes what nobody goes on with. Pages and API call the same functions.
"""

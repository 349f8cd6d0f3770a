"""How right a network is on parts of its images: by any column that came with them, by what the images themselves are like, and by two
of those at once. `ways` says by what can be sliced, `figures` how right it is there, `showing` what a page tells of it."""

"""The space in which a network tells images apart: what its head is given of them, reduced, drawn and searched."""

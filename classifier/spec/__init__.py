"""What web, worker and engine agree on: configuration, events, errors and file layouts.

Standard library only, so that a web process can import it without loading torch.
"""

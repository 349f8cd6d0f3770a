"""Blocks that a team composes a report of: what may be chosen for one, and what it shows."""

"""REST over the same actions."""

"""The quality report of a version: asked for, written down, read, and shown."""

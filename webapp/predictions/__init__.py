"""Classify one, many, and by API."""

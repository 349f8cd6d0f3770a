"""Pages of reports: read, changed, and shown to others."""

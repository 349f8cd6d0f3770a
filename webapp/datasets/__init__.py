"""Upload, import, versions, browse."""

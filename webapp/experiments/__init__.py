"""Configure, launch, watch live."""

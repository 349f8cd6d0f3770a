"""The demo: a sample uploaded, imported, trained, evaluated and reported over HTTP, as a person would do it."""

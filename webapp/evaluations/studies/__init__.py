"""Looks at a network beyond its evaluation, each a job: probes of an evaluation, and which class needs more images."""

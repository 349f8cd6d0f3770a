"""Measurements against an honest baseline and the hardware's ceiling: `python -m benchmarks [--only PREFIX]`."""

"""The figures of one evaluation, each with how sure it is, and what is drawn of them: curves, calibration, coverage, speed."""

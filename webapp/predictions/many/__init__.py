"""Many pictures at once, as a job: asked for, what came of it, the team's history. What was said lies in files, see `reading`."""

"""Connections of a team to buckets: owners make, test and delete them, editors import through them."""

from webapp.datasets.connections.keeping import bucket_of, bucket_shown, delete, kinds, make, new_key, of_team, relock_all
from webapp.datasets.connections.trying import attempt, listed

__all__ = ["attempt", "bucket_of", "bucket_shown", "delete", "kinds", "listed", "make", "new_key", "of_team", "relock_all"]

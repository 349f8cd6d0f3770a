"""What every model shares."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from webapp.core.ids import LENGTH, new_id


class Owned(models.Model):
    """A thing with a public id and a birth by the database's clock."""

    id = models.CharField(primary_key=True, max_length=LENGTH, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=models.Model, covariant=True)


class Living(models.Manager[Row]):
    """The rows that are not in the trash, themselves or with what they belong to."""

    through = ""  # the path to what has `trashed_at`, with its `__`; of the class, since related managers are made without arguments

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(**{f"{self.through}trashed_at__isnull": True})


class Trashable(Owned):
    """A thing that waits in the trash before it is deleted for good. `objects` does not see what lies there; `everything` does.

    Once `purging_at` is set nobody sees it again: the keeper removes its files and its rows, a slice at a time (webapp.ops.purging).
    """

    trashed_at = models.DateTimeField(null=True, editable=False)
    purging_at = models.DateTimeField(null=True, editable=False)
    trashed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    objects: ClassVar[Living[Self]] = Living()
    everything: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everything"  # a report of what lies in the trash can still be followed to it

"""What every model shares."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from webapp.core.ids import LENGTH, new_id


class Owned(models.Model):
    """A thing with a public id and a birth by the database's clock."""

    id = models.CharField(primary_key=True, max_length=LENGTH, default=new_id, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

"""The way from a job to what it is about."""

from __future__ import annotations

from django import template

from webapp.jobs.subjects import page_of

register = template.Library()
register.filter("page_of", page_of)

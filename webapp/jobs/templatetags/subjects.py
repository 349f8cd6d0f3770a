"""The way from a job to what it is about, and what a page that waits for it tells."""

from __future__ import annotations

from django import template

from webapp.jobs.queries import started_about
from webapp.jobs.subjects import page_of

register = template.Library()
register.filter("page_of", page_of)
register.filter("starts_about", started_about)

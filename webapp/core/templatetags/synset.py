"""Filters and tags of the whole interface; loaded everywhere."""

from __future__ import annotations

from django import template

register = template.Library()

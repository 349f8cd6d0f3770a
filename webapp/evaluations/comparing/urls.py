"""Joins the addresses of experiments (`webapp.experiments.hooks.pages_from`), and so their names."""

from __future__ import annotations

from django.urls import path

from webapp.evaluations.comparing import views

urlpatterns = [
    path("compare/", views.compare, name="compare"),
    path("<str:id>/replay/", views.replay, name="replay"),
]

"""Joins the addresses of experiments (`webapp.experiments.hooks.pages_from`), and so their names."""

from __future__ import annotations

from django.urls import path

from webapp.evaluations.exciting import views

urlpatterns = [
    path("<str:id>/layers/images/", views.images, name="filter-images"),
    path("<str:id>/layers/images/ask/", views.ask, name="filter-images-ask"),
]

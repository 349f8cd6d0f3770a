"""Joins the addresses of datasets (`webapp.datasets.hooks.pages_from`), and so their names."""

from __future__ import annotations

from django.urls import path

from webapp.evaluations.leaderboard import views

urlpatterns = [path("<str:id>/leaderboard/", views.leaderboard, name="leaderboard")]

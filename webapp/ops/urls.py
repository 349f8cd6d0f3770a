from __future__ import annotations

from django.urls import path

from webapp.ops import health, metrics, styleguide, trash_views, views

app_name = "ops"
urlpatterns = [
    path("", views.home, name="home"),
    path("device/", views.device, name="device"),
    path("search/", views.find, name="search"),
    path("styleguide", styleguide.styleguide, name="styleguide"),  # with DEBUG alone
    path("trash/", trash_views.trash_page, name="trash"),
    path("trash/move/", trash_views.trash_move, name="trash-move"),
    path("trash/restore/", trash_views.trash_restore, name="trash-restore"),
    path("trash/purge/", trash_views.trash_purge, name="trash-purge"),
    path("trash/empty/", trash_views.trash_empty, name="trash-empty"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]

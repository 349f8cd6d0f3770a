from __future__ import annotations

from django.urls import path

from webapp.ops import health, styleguide, views

app_name = "ops"
urlpatterns = [
    path("", views.home, name="home"),
    path("styleguide", styleguide.styleguide, name="styleguide"),  # with DEBUG alone
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

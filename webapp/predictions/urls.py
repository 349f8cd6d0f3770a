from __future__ import annotations

from django.urls import path

from webapp.predictions import views

app_name = "predictions"
urlpatterns = [
    path("", views.classify_page, name="page"),
    path("run/", views.classify_run, name="run"),
]

"""Below the experiments' addresses: what evaluations tell of one."""

from __future__ import annotations

from django.urls import path

from webapp.evaluations.studies import views

app_name = "growing"
urlpatterns = [
    path("<str:id>/growing/", views.page, name="page"),
    path("<str:id>/growing/ask/", views.ask, name="ask"),
]

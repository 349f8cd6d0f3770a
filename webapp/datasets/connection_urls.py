from __future__ import annotations

from django.urls import path

from webapp.datasets.views import connections

app_name = "connections"
urlpatterns = [
    path("", connections.overview, name="overview"),
    path("new/", connections.new, name="new"),
    path("<str:id>/test/", connections.test, name="test"),
    path("<str:id>/key/", connections.new_key, name="key"),
    path("<str:id>/delete/", connections.delete, name="delete"),
]

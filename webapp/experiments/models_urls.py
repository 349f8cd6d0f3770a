from __future__ import annotations

from django.urls import path

from webapp.experiments import weights_views

app_name = "models"
urlpatterns = [
    path("", weights_views.model_list, name="list"),
    path("weights/", weights_views.upload, name="upload"),
    path("weights/<str:id>/delete/", weights_views.delete, name="delete"),
]

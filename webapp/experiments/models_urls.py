from __future__ import annotations

from django.urls import path

from webapp.experiments.catalogue import model_list

app_name = "models"
urlpatterns = [path("", model_list, name="list")]

from __future__ import annotations

from django.urls import path

from webapp.evaluations import views
from webapp.evaluations.figures import views as figures

app_name = "evaluations"
urlpatterns = [
    path("of/<str:experiment_id>/", views.evaluation_request, name="request"),
    path("of/<str:experiment_id>/new/", figures.evaluation_new, name="new"),
    path("<str:id>/curves/", figures.class_curves, name="curves"),
    path("<str:id>/unsure/", figures.unsure_set, name="unsure"),
    path("<str:id>/", views.evaluation_detail, name="detail"),
    path("<str:id>/delete/", views.evaluation_delete, name="delete"),
]

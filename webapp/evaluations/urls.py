from __future__ import annotations

from django.urls import path

from webapp.evaluations import views
from webapp.evaluations.slices import views as slices
from webapp.evaluations.studies import views as studies

app_name = "evaluations"
urlpatterns = [
    path("of/<str:experiment_id>/", views.evaluation_request, name="request"),
    path("<str:id>/", views.evaluation_detail, name="detail"),
    path("<str:id>/groups/", slices.groups, name="groups"),
    path("<str:id>/probe/", studies.probe, name="probe"),
    path("<str:id>/delete/", views.evaluation_delete, name="delete"),
]

from __future__ import annotations

from django.urls import path

from webapp.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("<str:id>/", views.report_detail, name="detail"),
    path("<str:id>/edit/", views.report_edit, name="edit"),
    path("<str:id>/config.json", views.report_config, name="config"),
    path("<str:id>/predictions.csv", views.report_predictions, name="predictions"),
]

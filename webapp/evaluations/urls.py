from __future__ import annotations

from django.urls import path

from webapp.evaluations import views
from webapp.evaluations.explain import views as explain

app_name = "evaluations"
urlpatterns = [
    path("of/<str:experiment_id>/", views.evaluation_request, name="request"),
    path("<str:id>/", views.evaluation_detail, name="detail"),
    path("<str:id>/delete/", views.evaluation_delete, name="delete"),
    path("<str:id>/images/<int:row>/explain/", explain.explain, name="explain"),
]

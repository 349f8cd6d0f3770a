from __future__ import annotations

from django.urls import path

from webapp.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("cancel/", views.cancel_many, name="cancel-many"),
    path("jobs/<str:id>/events/", views.events, name="events"),
    path("jobs/<str:id>/cancel/", views.cancel, name="cancel"),
]

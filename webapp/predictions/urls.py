from __future__ import annotations

from django.urls import path

from webapp.predictions import feedback_views, views, why_views

app_name = "predictions"
urlpatterns = [
    path("", views.classify_page, name="page"),
    path("run/", views.classify_run, name="run"),
    path("why/", why_views.why, name="why"),
    path("why/classes/", why_views.classes, name="why-classes"),
    path("correct/", feedback_views.correct, name="correct"),
    path("correct/classes/", feedback_views.classes, name="correct-classes"),
]

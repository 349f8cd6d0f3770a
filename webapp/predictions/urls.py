from __future__ import annotations

from django.urls import path

from webapp.predictions import feedback_views, views, why_views
from webapp.predictions.many import sending, why
from webapp.predictions.many import views as many

app_name = "predictions"
urlpatterns = [
    path("", views.classify_page, name="page"),
    path("run/", views.classify_run, name="run"),
    path("why/", why_views.why, name="why"),
    path("why/classes/", why_views.classes, name="why-classes"),
    path("correct/", feedback_views.correct, name="correct"),
    path("correct/classes/", feedback_views.classes, name="correct-classes"),
    path("many/", sending.many_page, name="many"),
    path("many/send/", sending.many_send, name="send"),
    path("history/", many.history, name="history"),
    path("<str:id>/", many.detail, name="detail"),
    path("<str:id>/status/", many.status, name="status"),
    path("<str:id>/rows/", many.rows, name="rows"),
    path("<str:id>/rows/<int:row>/why/", why.row_why, name="row-why"),
    path("<str:id>/answers.csv", many.as_csv, name="csv"),
    path("<str:id>/images/<int:image>/thumb", many.thumb, name="thumb"),
    path("<str:id>/images/<int:image>", many.whole, name="image"),
    path("<str:id>/again/", many.again, name="again"),
    path("<str:id>/delete/", many.delete, name="delete"),
    path("<str:id>/correct/", feedback_views.correct_rows, name="correct-rows"),
]

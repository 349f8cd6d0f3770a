"""Addresses outside the team, open to whoever has the code."""

from __future__ import annotations

from django.urls import path

from webapp.reports.views import shared

urlpatterns = [
    path("robots.txt", shared.robots, name="robots"),
    path("shared/<str:code>/", shared.shared_page, name="shared"),
    path("shared/<str:code>/images/<int:place>", shared.shared_image, name="shared-image"),
    path("shared/<str:code>/blocks/<int:number>/images/<int:place>", shared.shared_picture, name="shared-picture"),
    path("shared/<str:code>/report.html", shared.shared_file, name="shared-file"),
    path("shared/<str:code>/report.pdf", shared.shared_pdf, name="shared-pdf"),
    path("shared/<str:code>/model", shared.shared_model, name="shared-model"),
]

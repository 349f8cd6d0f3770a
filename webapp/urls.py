"""Every address; each app names its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("webapp.ops.urls")),  # home, healthz, readyz
    path("", include("webapp.accounts.urls")),  # login, logout, setup, account
    path("team/connections/", include("webapp.datasets.connection_urls")),
    path("datasets/", include("webapp.datasets.urls")),
    path("experiments/", include("webapp.experiments.urls")),
    path("experiments/", include("webapp.evaluations.growing_urls")),
    path("queue/", include("webapp.jobs.urls")),
    path("evaluations/", include("webapp.evaluations.urls")),
    path("reports/", include("webapp.reports.urls")),
    path("", include("webapp.reports.shared_urls")),  # shared/CODE/ without login, robots.txt
    path("classify/", include("webapp.predictions.urls")),
    path("models/", include("webapp.experiments.models_urls")),
    path("api/v1/", include("webapp.api.urls")),
]

# For what goes wrong before any view: a foreign Host, a middleware. The API's own views answer for themselves.
handler404 = "webapp.accounts.views.elsewhere.not_found"
handler400 = "webapp.api.handlers.bad_request"
handler500 = "webapp.api.handlers.server_error"

from __future__ import annotations

from django.urls import include, path

from webapp.experiments import again_views, hooks, live_views, preflight, preview_views, rate_views, views
from webapp.experiments.layers import views as layers

app_name = "experiments"
urlpatterns = [
    *(path("", include(name)) for name in sorted(hooks.pages_from)),
    path("", views.experiment_list, name="list"),
    path("new/", views.experiment_new, name="new"),
    path("quick/<str:dataset_id>/", views.experiment_quick, name="quick"),
    path("preview/", preview_views.experiment_preview, name="preview"),
    path("preview/samples/", preview_views.experiment_samples, name="samples"),
    path("rate/", rate_views.search_start, name="rate"),
    path("rate/<str:id>/", rate_views.search_state, name="rate-state"),
    path("rate/<str:id>/cancel/", rate_views.search_cancel, name="rate-cancel"),
    path("<str:id>/", views.experiment_detail, name="detail"),
    path("<str:id>/layers/", layers.layers, name="layers"),
    path("<str:id>/charts/", live_views.experiment_charts, name="charts"),
    path("<str:id>/steps/", live_views.experiment_steps, name="steps"),
    path("<str:id>/matrix/", live_views.experiment_matrix, name="matrix"),
    path("<str:id>/folds/", views.experiment_folds, name="folds"),
    path("<str:id>/first-batch/<int:place>/", preflight.first_batch, name="first-batch"),
    path("<str:id>/log/", live_views.experiment_log, name="log"),
    path("<str:id>/log.txt", live_views.experiment_whole_log, name="whole-log"),
    path("<str:id>/pause/", views.experiment_pause, name="pause"),
    path("<str:id>/resume/", views.experiment_resume, name="resume"),
    path("<str:id>/finish/", views.experiment_finish, name="finish"),
    path("<str:id>/cancel/", views.experiment_cancel, name="cancel"),
    path("<str:id>/retry/", views.experiment_retry, name="retry"),
    path("<str:id>/again/", again_views.experiment_again, name="again"),
    path("<str:id>/delete/", views.experiment_delete, name="delete"),
]

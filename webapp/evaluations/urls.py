from __future__ import annotations

from django.urls import path

from webapp.evaluations import views
from webapp.evaluations.space import views as space

app_name = "evaluations"
urlpatterns = [
    path("of/<str:experiment_id>/", views.evaluation_request, name="request"),
    path("<str:id>/", views.evaluation_detail, name="detail"),
    path("<str:id>/delete/", views.evaluation_delete, name="delete"),
    path("<str:id>/map/", space.map_page, name="map"),
    path("<str:id>/map/points/", space.points, name="map-points"),
    path("<str:id>/map/tiles/", space.tiles, name="map-tiles"),
    path("<str:id>/map/point/", space.point, name="map-point"),
    path("<str:id>/map/compute/", space.compute, name="map-compute"),
    path("<str:id>/images/<int:row>/near/", space.near, name="near"),
]

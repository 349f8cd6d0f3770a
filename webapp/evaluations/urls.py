from __future__ import annotations

from django.urls import path

from webapp.evaluations import views
from webapp.evaluations.again import views as again
from webapp.evaluations.explain import views as explain
from webapp.evaluations.figures import views as figures
from webapp.evaluations.images import views as images
from webapp.evaluations.matrix import views as matrix
from webapp.evaluations.slices import views as slices
from webapp.evaluations.space import views as space
from webapp.evaluations.studies import views as studies

app_name = "evaluations"
urlpatterns = [
    path("of/<str:experiment_id>/", views.evaluation_request, name="request"),
    path("of/<str:experiment_id>/new/", figures.evaluation_new, name="new"),
    path("<str:id>/curves/", figures.class_curves, name="curves"),
    path("<str:id>/unsure/", figures.unsure_set, name="unsure"),
    path("again/<str:id>/", again.compared, name="again"),
    path("<str:id>/", views.evaluation_detail, name="detail"),
    path("<str:id>/groups/", slices.groups, name="groups"),
    path("<str:id>/probe/", studies.probe, name="probe"),
    path("<str:id>/delete/", views.evaluation_delete, name="delete"),
    path("<str:id>/matrix/", matrix.matrix, name="matrix"),
    path("<str:id>/matrix/data/", matrix.matrix_data, name="matrix-data"),
    path("<str:id>/matrix/part/", matrix.matrix_part, name="matrix-part"),
    path("<str:id>/matrix.csv", matrix.matrix_csv, name="matrix-csv"),
    path("<str:id>/images/", images.images, name="images"),
    path("<str:id>/images/tiles/", images.images_tiles, name="images-tiles"),
    path("<str:id>/images/change/", images.images_change, name="images-change"),
    path("<str:id>/images/undo/", images.images_undo, name="images-undo"),
    path("<str:id>/images/<int:row>/", images.image, name="image"),
    path("<str:id>/images/<int:row>/about/", images.image_about, name="image-about"),
    path("<str:id>/images/<int:row>/explain/", explain.explain, name="explain"),
    path("<str:id>/map/", space.map_page, name="map"),
    path("<str:id>/map/points/", space.points, name="map-points"),
    path("<str:id>/map/tiles/", space.tiles, name="map-tiles"),
    path("<str:id>/map/point/", space.point, name="map-point"),
    path("<str:id>/map/compute/", space.compute, name="map-compute"),
    path("<str:id>/images/<int:row>/near/", space.near, name="near"),
]

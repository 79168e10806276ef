"""Addresses of the ground."""

from django.urls import path

from layers import views
from layers.web import imports, rasters, sources

urlpatterns = [
    path("places/", views.places, name="places"),
    path("places/at/", views.place_at, name="place_at"),
    path("tiles/<slug:slug>.json", views.tile_json, name="tile_json"),
    path("tiles/<slug:slug>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("rasters/<slug:slug>.tif", rasters.raster, name="raster"),
    path("layers/import/", imports.imports, name="layers_import"),
    path("layers/import/files/<uuid:key>/", imports.import_file, name="layers_import_file"),
    path(
        "layers/import/files/<uuid:key>/sample.geojson",
        imports.import_sample,
        name="layers_import_sample",
    ),
    path("layers/import/<int:job_id>/", imports.import_job, name="layers_import_job"),
    path("layers/import/<int:job_id>/cancel/", imports.import_cancel, name="layers_import_cancel"),
    path("layers/import/<int:job_id>/undo/", imports.import_undo, name="layers_import_undo"),
    path("layers/import/<int:job_id>/again/", imports.import_again, name="layers_import_again"),
    path("api/v1/imports/<int:job_id>/", imports.import_progress, name="layers_import_progress"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<str:name>/run/", sources.source_run, name="source_run"),
]

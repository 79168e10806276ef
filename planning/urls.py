"""Addresses of the planners' room."""

from django.urls import path

from planning import api, views

urlpatterns = [
    path("planning/", views.planning, name="planning"),
    path("planning/new/<slug:method>/", views.question, name="question"),
    path("planning/runs/<int:run_id>/", views.run, name="run"),
    path("planning/runs/<int:run_id>/cancel/", views.cancel, name="run_cancel"),
    path("planning/runs/<int:run_id>/again/", views.again, name="run_again"),
    path("planning/runs/<int:run_id>/publish/", views.publish, name="run_publish"),
    path("planning/runs/<int:run_id>/unpublish/", views.unpublish, name="run_unpublish"),
    path("planning/runs/<int:run_id>/delete/", views.delete, name="run_delete"),
    path("planning/runs/<int:run_id>/map.html", views.standalone_map, name="run_map"),
    path("planning/runs/<int:run_id>/result.geojson", views.geojson, name="run_geojson"),
    path("api/v1/runs/<int:run_id>/", api.run, name="run_progress"),
]

"""Addresses of the ground."""

from django.urls import path

from layers import views

urlpatterns = [
    path("places/", views.places, name="places"),
    path("places/at/", views.place_at, name="place_at"),
    path("tiles/<slug:slug>.json", views.tile_json, name="tile_json"),
    path("tiles/<slug:slug>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
]

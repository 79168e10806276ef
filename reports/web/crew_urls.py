"""Addresses of crews and desks, below ``crew/``."""

from django.urls import path

from reports.web import crew

urlpatterns = [
    path("", crew.crew, name="crew"),
    path("<str:public_id>/", crew.incident, name="crew_incident"),
    path("<str:public_id>/step/", crew.step, name="crew_step"),
    path("<str:public_id>/photos/<slug:key>/", crew.photo, name="crew_photo"),
]

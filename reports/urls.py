"""Addresses of reports."""

from django.urls import include, path

from reports import api, views

urlpatterns = [
    path("", views.home, name="home"),
    path("report/", views.report, name="report"),
    path("reports/<str:public_id>/", views.public_report, name="public_report"),
    path("r/<str:receipt>/", views.receipt, name="receipt"),
    path("crew/", include("reports.crew_urls")),
    path("api/v1/reports/", api.reports, name="api_reports"),
    path("api/v1/reports/<str:public_id>/", api.report, name="api_report"),
    path("api/v1/categories/", api.categories, name="api_categories"),
]

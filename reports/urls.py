"""Addresses of reports."""

from django.urls import include, path

from reports.channels import api
from reports.web import home, new, own, public

urlpatterns = [
    path("", home.home, name="home"),
    path("report/", new.report, name="report"),
    path("reports/<str:public_id>/", public.public_report, name="public_report"),
    path("r/<str:receipt>/", own.receipt, name="receipt"),
    path("crew/", include("reports.web.crew_urls")),
    path("api/v1/reports/", api.reports, name="api_reports"),
    path("api/v1/reports/<str:public_id>/", api.report, name="api_report"),
    path("api/v1/categories/", api.categories, name="api_categories"),
]

"""Addresses of reports."""

from django.urls import include, path

from reports.channels import api
from reports.web import following, home, imports, new, own, photos, privacy, public

urlpatterns = [
    path("", home.home, name="home"),
    path("report/", new.report, name="report"),
    path("report/similar/", public.similar, name="similar"),
    path("reports/import/", imports.imports, name="reports_import"),
    path("reports/import/files/<uuid:key>/", imports.import_file, name="reports_import_file"),
    path("reports/import/<int:job_id>/", imports.import_job, name="reports_import_job"),
    path(
        "reports/import/<int:job_id>/cancel/", imports.import_cancel, name="reports_import_cancel"
    ),
    path("reports/import/<int:job_id>/start/", imports.import_start, name="reports_import_start"),
    path(
        "reports/import/<int:job_id>/mapping.toml",
        imports.import_mapping,
        name="reports_import_mapping",
    ),
    path(
        "reports/import/<int:job_id>/rejects.csv",
        imports.import_rejects,
        name="reports_import_rejects",
    ),
    path(
        "api/v1/report-imports/<int:job_id>/",
        imports.import_progress,
        name="reports_import_progress",
    ),
    path("reports/<str:public_id>/", public.public_report, name="public_report"),
    path("reports/<str:public_id>/me-too/", public.me_too, name="me_too"),
    path("reports/<str:public_id>/verdict/", public.verdict, name="verdict"),
    path("r/<str:receipt>/verdict/", own.verdict, name="own_verdict"),
    path("r/<str:receipt>/", own.receipt, name="receipt"),
    path("reports/<str:public_id>/follow/", following.follow_report, name="follow_report"),
    path("r/<str:receipt>/follow/", following.follow_own, name="follow_own"),
    path("follow/<str:token>/", following.follow, name="follow"),
    path("follow/<str:token>/stop/", following.follow_stop, name="follow_stop"),
    path("report/photos/", photos.upload, name="report_photos"),
    path("report/photos/<slug:key>/", photos.unsent, name="report_photo"),
    path("report/photos/<slug:key>/remove/", photos.remove, name="report_photo_remove"),
    path("photos/<slug:key>/", photos.large, name="photo"),
    path("photos/<slug:key>/small/", photos.small, name="photo_small"),
    path("r/<str:receipt>/photos/<slug:key>/", photos.own_large, name="own_photo"),
    path("r/<str:receipt>/photos/<slug:key>/small/", photos.own_small, name="own_photo_small"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("crew/", include("reports.web.crew_urls")),
    path("api/v1/reports/", api.reports, name="api_reports"),
    path("api/v1/reports/<str:public_id>/", api.report, name="api_report"),
    path("api/v1/privacy/", api.privacy, name="api_privacy"),
    path("api/v1/photos/", api.photos, name="api_photos"),
    path("api/v1/categories/", api.categories, name="api_categories"),
]

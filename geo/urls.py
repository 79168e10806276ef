"""Every address of the site, floor by floor."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from geo import views

handler404 = "geo.error_pages.not_found"
handler500 = "geo.error_pages.fault"

urlpatterns = [
    path("sign-in/", views.sign_in, name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("words/", views.words, name="words"),
    path("theme/", views.theme, name="theme"),
    path("health/", views.health, name="health"),
    path("", include("layers.urls")),
    path("", include("reports.urls")),
    path("", include("planning.urls")),
]

"""The site's own pages: signing in, the theme, health."""

from django.contrib.auth import views as auth_views
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import JavaScriptCatalog

from geo.accounts.forms import SignInForm
from geo.page import THEMES
from layers.http import Request
from layers.throttle import limit
from reports.web import new

ONE_YEAR_S = 31_536_000

ONE_DAY_S = 86_400

# The address names the language, so that the answer can be kept.
words = cache_control(max_age=ONE_DAY_S)(JavaScriptCatalog.as_view(domain="djangojs"))

_sign_in = auth_views.LoginView.as_view(
    template_name="registration/login.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
)
_limited_sign_in = limit("sign-in", tries=20, seconds=300)(_sign_in)


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in by e-mail and password; tries are limited by address."""
    return _limited_sign_in(request) if request.method == "POST" else _sign_in(request)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie, so that the server renders it."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=ONE_YEAR_S, samesite="Lax")
    else:
        response.delete_cookie("theme")
    return response


def forgery(request: Request, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token; that of a report comes back as it was filled."""
    if request.path == reverse("report") and request.accepts("text/html"):
        return new.show_again(request)
    return csrf_failure(request, reason)


@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the site can reach its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})

"""Mail about a report: asking for it, confirming it, ending it.

A token opens its pages alone, so they carry no referrer; a browser then sends their forms without
an origin, and the token itself is what proves who asks.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from layers import throttle
from layers.errors import InvalidInput, NotFound
from layers.http import Request, in_city_time
from reports import followers, queries

TRIES = 10
WINDOW_S = 600
TOKEN_TRIES = 60


class FollowForm(forms.Form):
    """Where to write to."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Give the address that we may write to."),
            "invalid": gettext_lazy("This address is not complete. Write it as name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def _address(request: Request) -> str:
    throttle.enter(request, "follow", tries=TRIES, seconds=WINDOW_S)
    if not settings.SENDS_MAIL:
        raise NotFound(_("This site sends no mail."))
    form = FollowForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(str(form.errors["email"][0]), field="email")
    email: str = form.cleaned_data["email"]
    return email


def _say_look_into_mail(request: Request, email: str) -> None:
    words = _("Look into your mail: we have written to %(email)s. Its link begins the news.")
    messages.success(request, words % {"email": email})


@require_POST
@in_city_time
def follow_report(request: Request, public_id: str) -> HttpResponse:
    """Take an address that wants news of a report; it is written to and must confirm."""
    try:
        email = _address(request)
        followers.follow(public_id, email)
    except InvalidInput as error:
        messages.error(request, error.message)
    else:
        _say_look_into_mail(request, email)
    return redirect("public_report", public_id)


@csrf_exempt
@require_POST
@in_city_time
def follow_own(request: Request, receipt: str) -> HttpResponse:
    """Take the reporter's own address, later than with the report."""
    own = queries.own_report(receipt, request.viewer)
    try:
        email = _address(request)
        followers.follow_by_mail(own.report.pk, email, is_reporter=True)
    except InvalidInput as error:
        messages.error(request, error.message)
    else:
        _say_look_into_mail(request, email)
    return redirect("receipt", receipt)


def _page(request: Request, name: str, token: str, found: followers.Following) -> HttpResponse:
    context: dict[str, Any] = {"found": found, "token": token, "address_is_secret": True}
    response = render(request, f"reports/follow/{name}.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: Request, token: str) -> HttpResponse:
    """Ask for the confirmation by a button: programs that look into mails press none."""
    throttle.enter(request, "follow-token", tries=TOKEN_TRIES, seconds=WINDOW_S)
    if request.method == "POST":
        followers.confirm(token)
        return redirect("follow", token)
    return _page(request, "confirm", token, followers.following(token))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def follow_stop(request: Request, token: str) -> HttpResponse:
    """End the mails: by the button, or by the one click that a mail program offers (RFC 8058)."""
    throttle.enter(request, "follow-token", tries=TOKEN_TRIES, seconds=WINDOW_S)
    if request.method == "POST":
        return _page(request, "stopped", token, followers.stop(token))
    return _page(request, "stop", token, followers.following(token))

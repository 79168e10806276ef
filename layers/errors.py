"""The family of errors that a verb may raise, and how each edge says them.

A message names the thing, the value and the remedy. Pages and forms, the REST API and the shell
render the same error here, so that no face invents its own words.
"""

from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as rest
from rest_framework.response import Response
from rest_framework.views import set_rollback


class CivicError(Exception):
    """What the person asked for cannot be done; the message says why and what would help."""

    status = HTTPStatus.BAD_REQUEST
    title: str | Promise = _("This cannot be done")
    exit_code = 1

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(CivicError):
    """A value is missing or wrong; `field` names it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = _("Something needs another look")
    exit_code = 2


class NotAllowed(CivicError):
    """The viewer is known and may not do this."""

    status = HTTPStatus.FORBIDDEN
    title = _("You may not do this")
    exit_code = 3


class SignInNeeded(NotAllowed):
    """Nobody is signed in, and this needs somebody."""

    status = HTTPStatus.UNAUTHORIZED
    title = _("Please sign in")


class NotFound(CivicError):
    """There is no such thing, or none that the viewer may know of."""

    status = HTTPStatus.NOT_FOUND
    title = _("Nothing here")
    exit_code = 4


class Conflict(CivicError):
    """Somebody else was faster, or the same key came with other content."""

    status = HTTPStatus.CONFLICT
    title = _("This has changed meanwhile")
    exit_code = 5


class TooMany(CivicError):
    """The same address asked too often."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = _("Too many tries")
    exit_code = 6


class TooLarge(CivicError):
    """More bytes came than are taken."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = _("This is too large")
    exit_code = 7


class Busy(CivicError):
    """Others keep us busy; in a moment it works."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = _("Busy just now")
    exit_code = 8


class Fault(CivicError):
    """Something failed on our side; the log has what, the caller is not told."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = _("Something failed on our side")
    exit_code = 70


PROBLEM_JSON = "application/problem+json"


def problem(error: CivicError) -> dict[str, Any]:
    """Return the body of an RFC 9457 problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(error.title),
        "status": int(error.status),
        "detail": error.message,
    }
    if error.field:
        body["errors"] = [{"field": error.field, "detail": error.message}]
    return body


def add_to_form(form: forms.BaseForm, error: CivicError) -> None:
    """Show the error at its field, or above the form when it has none there."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, error.message)


def as_civic_error(error: BaseException) -> CivicError | None:  # noqa: PLR0911 - a table
    """Translate Django's and REST framework's own refusals into the family."""
    match error:
        case CivicError():
            return error
        case Http404():
            return NotFound(str(error) or gettext("There is no page at this address."))
        case PermissionDenied() | rest.PermissionDenied():
            return NotAllowed(str(error) or gettext("Your account may not do this."))
        case rest.NotAuthenticated() | rest.AuthenticationFailed():
            return SignInNeeded(gettext("Sign in to do this."))
        case rest.ParseError():
            message = gettext("The request's body could not be read: %(reason)s")
            return InvalidInput(message % {"reason": error.detail})
        case rest.APIException():
            translated = CivicError(str(error.detail))
            translated.status = HTTPStatus(error.status_code)
            translated.title = HTTPStatus(error.status_code).phrase
            return translated
        case _:
            return None


def rest_exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Render the family as problem+json, as REST framework asks for."""
    if (known := as_civic_error(error)) is None:
        return None
    set_rollback()
    return Response(problem(known), status=known.status, content_type=PROBLEM_JSON)

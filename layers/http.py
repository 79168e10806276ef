"""The request as our middleware leaves it."""

from django.http import HttpRequest

from layers.access import Viewer


class Request(HttpRequest):
    """A request with its viewer; every view takes this."""

    viewer: Viewer

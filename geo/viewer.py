"""Builds the `Viewer` of a request from the account and its memberships."""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from geo.accounts.models import User
from layers.access import Viewer
from layers.http import Request
from layers.throttle import client_address
from reports.queries import duties_of


def viewer_of(user: User, address: str = "") -> Viewer:
    """Return what this user may see: roles of the account, duties of the memberships.

    Everybody with a role or a duty has the role ``staff``; members of crews and desks have
    ``crew``.
    """
    duties = duties_of(user.pk)
    roles = set(user.roles)
    if duties:
        roles.add("crew")
    if roles:
        roles.add("staff")
    return Viewer(user.pk, frozenset(roles), duties, address=address)


class ViewerMiddleware:
    """Sets ``request.viewer``, built when it is first asked for."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        """Attach the viewer and go on."""

        def build() -> Viewer:
            address = client_address(request)
            if request.user.is_authenticated:
                return viewer_of(request.user, address)
            return Viewer(address=address)

        request.viewer = SimpleLazyObject(build)  # type: ignore[assignment]
        return self.get_response(request)

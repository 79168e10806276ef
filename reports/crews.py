"""Sets crews up: who looks after which ground and which categories."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.db import transaction

from layers.errors import Conflict, InvalidInput
from layers.models import Area
from reports.models import Category, Crew, Department, Membership, Zone


@transaction.atomic
def add_crew(
    name: str,
    *,
    department: str,
    areas: Sequence[Area],
    categories: Sequence[str],
    members: Sequence[str] = (),
) -> Crew:
    """Make a field crew with a zone of its own.

    Parameters
    ----------
    name
        The crew's name, and its zone's.
    department
        Its department's name; made when it is new.
    areas
        The ground that it looks after; none is the whole city.
    categories
        Codes of what it looks after.
    members
        E-mail addresses of the accounts that work in it.

    Raises
    ------
    Conflict
        When there is a crew of this name.
    InvalidInput
        When there is no such category or account; names it.
    """
    if Crew.objects.filter(name=name).exists():
        message = f"There is a crew called {name!r} already. Choose another name."
        raise Conflict(message)
    looked_after = [_category(code) for code in categories]
    users = [_user(email) for email in members]
    unit, _ = Department.objects.get_or_create(name=department)
    crew = Crew.objects.create(name=name, department=unit, zone=_zone(name, areas))
    crew.categories.set(looked_after)
    Membership.objects.bulk_create(Membership(user_id=user, crew=crew) for user in users)
    return crew


def _zone(name: str, areas: Sequence[Area]) -> Zone | None:
    if not areas:
        return None
    zone, is_new = Zone.objects.get_or_create(name=name)
    if not is_new:
        message = f"There is a zone called {name!r} already. Choose another name for the crew."
        raise Conflict(message)
    zone.areas.set(areas)
    return zone


def _category(code: str) -> Category:
    if category := Category.objects.filter(code=code).first():
        return category
    known = ", ".join(Category.objects.order_by("order").values_list("code", flat=True))
    message = f"There is no category {code!r}. Choose among: {known}."
    raise InvalidInput(message, field="category")


def _user(email: str) -> int:
    user = get_user_model().objects.filter(email__iexact=email).first()
    if user is None:
        message = f"There is no account {email!r}. Make it first: manage.py createsuperuser."
        raise InvalidInput(message, field="member")
    return int(user.pk)

"""What everybody would see of a report, told before it is sent. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext

from layers.errors import InvalidInput
from layers.models import Area
from layers.queries import city
from reports import masking, wording
from reports.models import Category, Precision
from reports.placing import Place, places_of
from reports.workflow import State


@dataclass(frozen=True)
class Preview:
    """What neighbours would see, in words and as a point.

    Attributes
    ----------
    sensitivity
        The category's class.
    is_listed
        Whether it is shown at all; if not, everything below is empty.
    title
        The category's.
    point
        Longitude and latitude (EPSG:4326) of the pin that everybody sees: the exact place, or the
        snap point that stands for it; None where the area alone is shown.
    addresses
        How many addresses share that snap point, the reporter's among them; None without one.
    place
        Where it is, in words.
    ward
        Its ward, as far as it is known.
    time
        When it was reported, in words, as exactly as everybody may know it.
    shows_text
        Whether everybody reads the description.
    description
        What everybody reads of it.
    public_from
        When it is shown; None: at once.
    has_page
        Whether it has a page of its own.
    """

    sensitivity: int
    is_listed: bool
    title: str
    point: tuple[float, float] | None = None
    addresses: int | None = None
    place: str = ""
    ward: str = ""
    time: str = ""
    shows_text: bool = False
    description: str = ""
    public_from: datetime | None = None
    has_page: bool = False


def preview(
    category_code: str, point: tuple[float, float] | None, description: str = ""
) -> Preview:
    """Return what everybody would see of a report that were sent now.

    Parameters
    ----------
    category_code
        A category's code.
    point
        Longitude and latitude (EPSG:4326), or None for a report without a place.
    description
        The reporter's words.

    Raises
    ------
    InvalidInput
        When there is no such category.
    """
    category = Category.objects.filter(code=category_code).first()
    if category is None:
        message = gettext("There is no category “%(code)s”. Choose one of the list of categories.")
        raise InvalidInput(message % {"code": category_code}, field="category")
    now = timezone.now()
    place = places_of({0: point})[0] if point else Place()
    (shown,) = masking.show(
        [
            masking.Placed(
                category_id=category.pk,
                point=point,
                ward_id=place.ward,
                street_name=place.street_name,
                precision=Precision.EXACT,
                description=description,
                state=State.NEW,
                reported_at=now,
                closed_at=None,
            )
        ],
        now,
    )
    if shown is None:
        return Preview(category.sensitivity, is_listed=False, title=category.title)
    ward = Area.objects.get(pk=place.ward).name if place.ward else ""
    with timezone.override(ZoneInfo(city().time_zone)):
        time = wording.at(shown.shown_at, category.sensitivity)
    return Preview(
        sensitivity=category.sensitivity,
        is_listed=True,
        title=category.title,
        point=None if shown.lon is None or shown.lat is None else (shown.lon, shown.lat),
        addresses=shown.addresses,
        place=wording.where(category.sensitivity, shown.place_name, ward),
        ward=ward,
        time=time,
        shows_text=shown.shows_text,
        description=shown.description,
        public_from=shown.public_from,
        has_page=shown.has_public_id,
    )

"""What the search for places finds of reports: the number that everybody may open."""

from django.urls import reverse
from django.utils.translation import gettext

from layers.errors import NotFound
from layers.gazetteer import Place, register
from reports import identifiers, queries


@register
def find_report(text: str) -> list[Place]:
    """Return the report of this number, where it has a public page; it stands in its area.

    A report that is shown without a point stands amid the area that it is shown in.
    """
    number = text.removeprefix("#")
    if len(identifiers.normalise(number)) != identifiers.PUBLIC_ID_LENGTH:
        return []
    try:
        row = queries.public_report(number)
    except NotFound:
        return []
    west, south, east, north = bounds = queries.shown_bounds(row)
    lon, lat = row.lon, row.lat
    if lon is None or lat is None:
        lon, lat = (west + east) / 2, (south + north) / 2
    return [
        Place(
            "report",
            row.number,
            lon,
            lat,
            detail=" · ".join(part for part in (gettext(row.title), row.place) if part),
            bounds=bounds if row.lon is None else None,
            url=reverse("public_report", args=[row.public_id]),
        )
    ]

"""What each target of an import asks of a file's columns, and which column probably holds it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from layers.importing.naming import column_name
from layers.models import ImportJob

Target = ImportJob.Target


@dataclass(frozen=True)
class Wanted:
    """One thing that a column may hold: our name of it, how people call it, names it often has."""

    name: str
    title: Promise
    often: tuple[str, ...]
    is_required: bool = False


_CODE = ("code", "id", "objectid", "gid", "fid", "geoid", "number")
_NAME = ("name", "label", "title", "description", "name_en")

WANTED: Mapping[str, tuple[Wanted, ...]] = {
    Target.LAYER: (),
    Target.AREAS: (
        Wanted("name", _("Name"), _NAME),
        Wanted("code", _("Code, different at each"), _CODE),
    ),
    Target.STREETS: (
        Wanted("name", _("Name"), ("name", "street", "street_name", "st_name", "fullname")),
        Wanted("code", _("Code"), _CODE),
        Wanted("street_class", _("Class"), ("highway", "class", "street_class", "type", "fclass")),
        Wanted("is_bridge", _("Bridge"), ("bridge", "is_bridge")),
        Wanted("is_tunnel", _("Tunnel"), ("tunnel", "is_tunnel")),
        Wanted("level", _("Level"), ("layer", "level", "z_level")),
        Wanted("is_oneway", _("One way"), ("oneway", "is_oneway", "one_way")),
        Wanted("speed_kmh", _("Speed limit (km/h)"), ("maxspeed", "speed_kmh", "speed")),
        Wanted("surface", _("Surface"), ("surface",)),
    ),
    Target.ADDRESSES: (
        Wanted(
            "street_name",
            _("Street"),
            ("street_name", "street", "addr_street", "stname", "full_street_name"),
            is_required=True,
        ),
        Wanted(
            "number",
            _("House number"),
            ("number", "house_number", "housenumber", "addr_housenumber", "street_number"),
            is_required=True,
        ),
        Wanted("code", _("Code"), _CODE),
        Wanted("residents", _("Residents"), ("residents", "population", "persons")),
    ),
    Target.ASSETS: (
        Wanted("code", _("Code, different at each"), _CODE),
        Wanted("name", _("Name"), _NAME),
    ),
}


def guess(wanted: Wanted, fields: Iterable[str]) -> str:
    """Return the field that probably holds it; empty when none looks like it.

    >>> name, code = WANTED["areas"]
    >>> guess(name, ["OBJECTID", "Name_"]), guess(code, ["OBJECTID", "Name_"]), guess(code, ["x"])
    ('Name_', 'OBJECTID', '')
    """
    named = [(column_name(field), field) for field in fields]
    exact = (field for often in wanted.often for name, field in named if name == often)
    within = (field for often in wanted.often[:2] for name, field in named if often in name)
    return next(exact, next(within, ""))

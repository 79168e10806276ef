"""What reports, masks and crews lose when a place that they name goes, in words."""

from django.utils.translation import ngettext

from layers.importing.referring import say
from reports.models import PublicReport, Report, ReportArea, SnapPoint, Zone


def _streets(count: int) -> str:
    return ngettext(
        "%(count)s report names its street by word alone",
        "%(count)s reports name their street by word alone",
        count,
    ) % {"count": count}


def _assets(count: int) -> str:
    return ngettext(
        "%(count)s report no longer names the thing that it is about",
        "%(count)s reports no longer name the thing that they are about",
        count,
    ) % {"count": count}


def _areas(count: int) -> str:
    return ngettext(
        "a report no longer lies in its area: %(count)s time",
        "a report no longer lies in its area: %(count)s times",
        count,
    ) % {"count": count}


def _shown(count: int) -> str:
    return ngettext(
        "%(count)s report is shown without its area",
        "%(count)s reports are shown without their area",
        count,
    ) % {"count": count}


def _zones(count: int) -> str:
    return ngettext(
        "%(count)s area goes from a crew's zone",
        "%(count)s areas go from crews' zones",
        count,
    ) % {"count": count}


def _masks(count: int) -> str:
    return ngettext(
        "%(count)s point of the masks loses its area",
        "%(count)s points of the masks lose their area",
        count,
    ) % {"count": count}


say(Report, "street_id", _streets)
say(Report, "asset_id", _assets)
say(ReportArea, "area_id", _areas)
say(PublicReport, "ward_id", _shown)
say(SnapPoint, "ward_id", _masks)
say(Zone.areas.through, "area_id", _zones)

"""The reports API: what everybody may see as GeoJSON, and a door for new reports."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from layers import http, throttle
from layers.errors import InvalidInput
from layers.queries import city
from reports import disclosure, gallery, identifiers, kinds, paging, queries, tracking, uploads
from reports.filters import ReportFilter
from reports.identifiers import PHOTO_KEY_LENGTH
from reports.intake import Outcome, submit
from reports.masking import rule_of
from reports.models import Category, Photo, Sensitivity
from reports.queries import PAGE_SIZE, Happening, PublicRow
from reports.submission import DESCRIPTION_LIMIT, Contact, NewReport
from reports.wording import machine_time

GEOJSON = "application/geo+json"
LARGEST_PAGE = 100
SEND_WINDOW_S = 600


def _time(moment: datetime | None, sensitivity: int) -> str | None:
    return None if moment is None else machine_time(moment, sensitivity)


def _feature(row: PublicRow, department: str | None, request: Request) -> dict[str, Any]:
    """Return one report as a GeoJSON feature; class P2 has no id, no link and no text.

    A report that is not open has no street: it is `near` the public place that stands for it.
    """
    point = None if row.lon is None else {"type": "Point", "coordinates": [row.lon, row.lat]}
    feature: dict[str, Any] = {
        "type": "Feature",
        "geometry": point,
        "properties": {
            "family": row.family,
            "category": row.category,
            "title": row.title,
            "state": row.state,
            "phase": row.phase,
            "area": row.ward or None,
            "reported": _time(row.shown_at, row.sensitivity),
            "closed": _time(row.closed_at, row.sensitivity),
            "department": department,
        },
    }
    if row.public_id:
        feature["id"] = row.public_id
        page = reverse("public_report", args=[row.public_id])
        feature["properties"] |= {
            "description": row.description,
            "url": request.build_absolute_uri(page),
        }
    if row.sensitivity == Sensitivity.OPEN:
        feature["properties"] |= {
            "street": row.place_name or None,
            "promised": _time(row.promised_at, row.sensitivity),
            "me_too": row.me_too,
        }
    else:
        feature["properties"]["near"] = row.place_name or None
    return feature


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE_SIZE))
    if not (text.isdecimal() and 1 <= int(text) <= LARGEST_PAGE):
        message = f"limit is {text!r}; give a whole number from 1 to {LARGEST_PAGE}."
        raise InvalidInput(message, field="limit")
    return int(text)


def _list(request: Request) -> Response:
    values = paging.values_of(request.query_params)
    wanted = ReportFilter.parse(values)
    page = paging.public_page(wanted, values.get("after", ""), _limit(request))
    departments = tracking.departments(page.rows)
    with timezone.override(ZoneInfo(city().time_zone)):
        features = [_feature(row, departments.get(row.key), request) for row in page.rows]
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": queries.count_public(wanted),
        "numberReturned": len(page.rows),
        "links": [],
    }
    if following := paging.next_address(request.query_params, page):
        address = request.build_absolute_uri(f"{request.path}?{following}")
        body["links"].append({"rel": "next", "type": GEOJSON, "href": address})
    return Response(body, content_type=GEOJSON)


class ContactFields(serializers.Serializer[Contact]):
    """Who reports it; all may be left out."""

    name = serializers.CharField(max_length=120, allow_blank=True, default="")
    email = serializers.EmailField(allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")


class ReportFields(serializers.Serializer[NewReport]):
    """A new report as JSON. Coordinates are EPSG:4326 and nothing else."""

    category = serializers.CharField(max_length=60)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    description = serializers.CharField(
        max_length=DESCRIPTION_LIMIT, allow_blank=True, default="", trim_whitespace=False
    )
    answers = serializers.DictField(required=False)
    contact = ContactFields(required=False)
    client_uuid = serializers.UUIDField(required=False)
    photos = serializers.ListField(
        child=serializers.CharField(max_length=PHOTO_KEY_LENGTH), required=False
    )


def _refuse_unknown(given: object, known: Mapping[str, Any], where: str = "") -> None:
    """Name members that we would otherwise drop in silence."""
    if not isinstance(given, Mapping):
        message = f"{where or 'The body'} is not a JSON object; send one with named members."
        raise InvalidInput(message, field=where or None)
    if "crs" in given:
        message = "crs is not accepted: coordinates are longitude and latitude (EPSG:4326)."
        raise InvalidInput(message, field="crs")
    if unknown := sorted(str(name) for name in given if name not in known):
        message = (
            f"Unknown {'in ' + where if where else 'members'}: {', '.join(unknown)}. "
            f"Known are {', '.join(known)}."
        )
        raise InvalidInput(message, field=unknown[0])


def _first_error(errors: Mapping[str, Any], where: str = "") -> InvalidInput:
    """Return the first of a serializer's refusals, named by the path to its field."""
    name, found = next(iter(errors.items()))
    path = f"{where}.{name}" if where else name
    if isinstance(found, Mapping):
        return _first_error(found, path)
    return InvalidInput(f"{path}: {found[0]}", field=path)


def _parse(body: Any) -> NewReport:
    fields = ReportFields(data=body)
    _refuse_unknown(body, fields.fields)
    if "contact" in body:
        _refuse_unknown(body["contact"], ContactFields().fields, "contact")
    if not fields.is_valid():
        raise _first_error(fields.errors)
    values = fields.validated_data
    return NewReport(
        category=values["category"],
        point=(values["lon"], values["lat"]),
        description=values["description"],
        answers=values.get("answers", {}),
        contact=Contact(**values.get("contact", {})),
        channel="api",
        client_uuid=values.get("client_uuid"),
        photos=tuple(values.get("photos", ())),
        must_be_inside=True,
    )


def _create(request: Request) -> Response:
    throttle.enter(request, "report", tries=settings.REPORT_TRIES, seconds=SEND_WINDOW_S)
    new = _parse(request.data)
    answer = submit(new, cast("http.Request", request).viewer)
    page = reverse("receipt", args=[answer.receipt])
    body = {
        "public_id": answer.public_id,
        "receipt": answer.receipt,
        "url": request.build_absolute_uri(page),
    }
    status = 200 if answer.outcome is Outcome.REPEATED else 201
    return Response(body, status=status, headers={"Cache-Control": "no-store"})


@api_view(["GET", "POST"])
def reports(request: Request) -> Response:
    """Answer public reports as a GeoJSON FeatureCollection (GET), or take a new one (POST)."""
    return _create(request) if request.method == "POST" else _list(request)


@api_view(["POST"])
@parser_classes([MultiPartParser])
def photos(request: Request) -> Response:
    """Take one photo for the report that will be sent with `draft` as its client_uuid."""
    accepted = uploads.receive(
        cast("http.Request", request),
        request.POST.get("draft", ""),
        request.FILES.get("photo"),
    )
    body = uploads.told(accepted)
    body["url"] = request.build_absolute_uri(body["url"])
    status = 201 if accepted.is_new else 200
    return Response(body, status=status, headers={"Cache-Control": "no-store"})


def _photo(photo: Photo, request: Request) -> dict[str, Any]:
    large, small = (reverse(name, args=[photo.key]) for name in ("photo", "photo_small"))
    return {
        "url": request.build_absolute_uri(large),
        "small": request.build_absolute_uri(small),
        "width": photo.width,
        "height": photo.height,
    }


def _happening(entry: Happening, sensitivity: int) -> dict[str, Any]:
    return {
        "event": entry.event,
        "state": entry.state,
        "at": _time(entry.at, sensitivity),
        "note": entry.note,
        "crew": entry.crew or None,
    }


@api_view(["GET"])
def report(request: Request, public_id: str) -> Response:
    """Answer one public report with its history, oldest first."""
    row = queries.public_report(identifiers.normalise(public_id))
    department = tracking.departments([row]).get(row.key)
    behind, answers = tracking.of_public(row)
    with timezone.override(ZoneInfo(city().time_zone)):
        feature = _feature(row, department, request)
        if row.sensitivity == Sensitivity.OPEN:
            feature["properties"]["joined_with"] = tracking.joined_with(behind) or None
        feature["properties"]["answers"] = answers
        feature["properties"]["photos"] = [
            _photo(photo, request) for photo in gallery.of_public(row.key)
        ]
        feature["properties"]["history"] = [
            _happening(entry, row.sensitivity) for entry in reversed(queries.public_timeline(row))
        ]
    return Response(feature, content_type=GEOJSON)


def _category(category: Category) -> dict[str, Any]:
    rule = rule_of(category.sensitivity)
    return {
        "code": category.code,
        "family": category.family,
        "title": category.title,
        "description": category.description,
        "open311_code": category.open311_code,
        "questions": category.questions,
        "asset_kind": category.asset_kind or None,
        "promise_days": category.promise_days,
        "warns_of_emergency": kinds.warns_of_emergency(category),
        "sensitivity": Sensitivity(category.sensitivity).label,
        "is_listed": rule is not None and rule.is_listed,
    }


@api_view(["GET"])
def categories(_request: Request) -> Response:
    """List what can be reported, and which sensitivity class each kind has."""
    return Response({"categories": [_category(c) for c in queries.categories()]})


@api_view(["GET"])
def privacy(_request: Request) -> Response:
    """Answer what everybody sees of each class, what the masks achieve, and the hidden counts."""
    masks = disclosure.masks()
    return Response(
        {
            "classes": [asdict(told) for told in disclosure.classes()],
            "masks": asdict(masks) if masks else None,
            "quarters": [asdict(quarter) for quarter in disclosure.quarters()],
        }
    )

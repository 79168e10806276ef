"""The peer of `accept`: a first draft of a reports API, served by the same web server.

One REST framework view; an area and the nearest street by two queries, one row by the ORM, in one
transaction. No mask, no public projection, no history, no key against repeats, no limits.
"""

# ruff: noqa: E402 - models can be imported once Django is set up

import os
import secrets

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.plain_settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from layers.models import Area, StreetSegment
from reports.models import Category, Precision, Report


class Fields(serializers.Serializer[Report]):
    """What the plain view takes."""

    category = serializers.SlugRelatedField(slug_field="code", queryset=Category.objects.all())
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    description = serializers.CharField(max_length=2000)
    client_uuid = serializers.UUIDField()


@api_view(["POST"])
def reports(request: Request) -> Response:
    fields = Fields(data=request.data)
    fields.is_valid(raise_exception=True)
    values = fields.validated_data
    place = Point(values["lon"], values["lat"], srid=4326)
    with transaction.atomic():
        area = Area.objects.filter(kind="ward", geometry__covers=place).first()
        street = StreetSegment.objects.order_by(GeometryDistance("geometry", place)).first()
        now = timezone.now()
        report = Report.objects.create(
            public_id=secrets.token_hex(5),
            category=values["category"],
            sensitivity=values["category"].sensitivity,
            description=values["description"],
            street=street,
            street_name=street.name if street else "",
            is_located=True,
            precision=Precision.EXACT,
            channel="plain",
            reported_at=now,
            received_at=now,
            changed_at=now,
        )
        if area:
            report.areas.add(area)
    return Response({"public_id": report.public_id}, status=201)


def health(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("api/v1/reports/", reports), path("health/", health)]
# The pages that the site shows for a fault lead to addresses that are not here.
handler500 = "geo.error_pages.fault"

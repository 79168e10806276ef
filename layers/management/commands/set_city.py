"""``manage.py set_city NAME --time-zone ZONE``: which city this is."""

from typing import Any

from django.core.management.base import CommandParser

from layers.city import set_city
from layers.commands import CivicCommand


class Command(CivicCommand):
    """Name the city; running it again changes it."""

    help = "Names the city and says its time zone, metric system and kind of ward."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what a city is known by."""
        parser.add_argument("name")
        parser.add_argument("--time-zone", required=True, help="such as America/New_York")
        parser.add_argument(
            "--metric-epsg", type=int, help="a projected system; left out: the UTM zone"
        )
        parser.add_argument(
            "--ward-kind",
            default="ward",
            help="kind of area that is shown where a place may not be (default: ward)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Store it and say it."""
        city = set_city(
            options["name"],
            time_zone=options["time_zone"],
            metric_srid=options["metric_epsg"],
            ward_kind=options["ward_kind"],
        )
        measured = f"EPSG:{city.metric_srid}" if city.metric_srid else "its UTM zone"
        self.stdout.write(f"{city.name}, time of {city.time_zone}, measured in {measured}")

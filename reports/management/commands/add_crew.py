"""``manage.py add_crew NAME …``: a crew, its ground, its categories, its people."""

from typing import Any

from django.core.management.base import CommandParser

from layers.commands import CivicCommand
from layers.errors import InvalidInput
from layers.models import Area
from layers.queries import area_kind
from reports.crews import add_crew


class Command(CivicCommand):
    """Make a crew."""

    help = "Makes a crew that looks after some categories in some areas."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare who looks after what and where."""
        parser.add_argument("name")
        parser.add_argument("--department", required=True)
        parser.add_argument(
            "--area",
            action="append",
            default=[],
            metavar="KIND:NAME",
            help="such as neighbourhood:Roxbury; again for more (default: the whole city)",
        )
        parser.add_argument(
            "--category", action="append", required=True, metavar="CODE", help="again for more"
        )
        parser.add_argument(
            "--member", action="append", default=[], metavar="EMAIL", help="again for more"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it and say what it looks after."""
        areas = [area for text in options["area"] for area in _areas(text)]
        crew = add_crew(
            options["name"],
            department=options["department"],
            areas=areas,
            categories=options["category"],
            members=options["member"],
        )
        ground = ", ".join(area.name for area in areas) or "the whole city"
        self.stdout.write(
            f"{crew.name}: {ground}; categories: {', '.join(options['category'])}; "
            f"members: {', '.join(options['member']) or 'none yet'}"
        )


def _areas(text: str) -> list[Area]:
    """Return the areas that KIND:NAME names."""
    slug, _, name = text.partition(":")
    kind = area_kind(slug)
    if found := list(Area.objects.filter(kind=kind, name=name)):
        return found
    message = f"There is no {kind.title.lower()} called {name!r}. Write KIND:NAME, as on the map."
    raise InvalidInput(message, field="area")

"""``manage.py import_layer FILE --slug SLUG --title TITLE``: any file as a layer of its own."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.text import slugify

from layers.importing.command import (
    ImportCommand,
    add_field_argument,
    add_source_arguments,
    fields_of,
)
from layers.importing.importers import import_layer
from layers.importing.targets import LayerTarget
from layers.models import Dataset


class Command(ImportCommand):
    """Bring in a layer, all or nothing; running it again replaces it in one step."""

    help = "Imports any file of places as a layer with all its columns."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare file and layer."""
        add_source_arguments(parser)
        parser.add_argument("--slug", default="", help="its name in addresses (default: the title)")
        parser.add_argument("--title", default="", help="(default: the file's name)")
        parser.add_argument("--description", default="")
        parser.add_argument(
            "--audience",
            choices=Dataset.Audience.values,
            default=Dataset.Audience.PLANNERS.value,
            help="who may see it",
        )
        parser.add_argument(
            "--geometry",
            choices=["point", "line", "polygon"],
            default="",
            help="which rows of a mixed file (default: the most)",
        )
        add_field_argument(parser, "its name in the layer")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store and count."""
        title = options["title"] or options["file"].name.partition(".")[0]
        target = LayerTarget(
            options["slug"] or slugify(title)[:80],
            title,
            options["description"],
            options["audience"],
            options["geometry"],
            fields_of(options),
        )
        self.bring_in(import_layer, target, "features", options)

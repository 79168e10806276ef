"""``manage.py run_worker quick|study``: runs the jobs of one queue."""

from typing import Any, cast

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

HEARTBEAT_S = 5.0
STALLED_S = 15.0
GRACE_S = 4.0


class Command(BaseCommand):
    """Run jobs until interrupted; the two queues have a process each."""

    help = "Runs the jobs of one queue: quick ones, or studies."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the queue's name."""
        parser.add_argument("queue", choices=["quick", "study"])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Work on the queue, one job at a time."""
        queue = options["queue"]
        connector = cast("DjangoConnector", app.connector).get_worker_connector()
        with app.replace_connector(connector) as worker_app:
            worker_app.run_worker(
                queues=[queue],
                name=queue,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
                shutdown_graceful_timeout=GRACE_S,
            )

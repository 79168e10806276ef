"""A citizen's report, from pin to closed."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports, their workflow, and the crews that close them."""

    name = "reports"
    verbose_name = "Reports"

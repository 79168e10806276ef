"""Planners' questions and their answers."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Studies, runs and results over pure kernels."""

    name = "planning"
    verbose_name = "Planning"

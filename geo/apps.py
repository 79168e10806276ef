"""The roof: the site itself, and what binds the floors together."""

from django.apps import AppConfig


class GeoConfig(AppConfig):
    """Settings, accounts, base pages; binds the ports of lower floors."""

    name = "geo"
    verbose_name = "CivicGrid"

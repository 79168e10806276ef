"""The roof: the site itself, and what binds the floors together."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class GeoConfig(AppConfig):
    """Settings, accounts, base pages; binds the ports of lower floors."""

    name = "geo"
    verbose_name = "CivicGrid"


class StaticConfig(StaticFilesConfig):
    """Collects what pages ask for: of the icons the sprite alone, no sources and no types."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("icons", "font", "dist"),
        *("*.map", "*-dev.mjs", "*.d.ts", "*.md", "*.json", "LICENSE"),
    ]

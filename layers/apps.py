"""The ground: places and maps."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LayersConfig(AppConfig):
    """Areas, streets, assets, data sets; the registry of layers; tiles."""

    name = "layers"
    verbose_name = "Layers"

    def ready(self) -> None:
        """Collect what every app declares in these modules, as Django does ``admin.py``."""
        autodiscover_modules("catalog", "finders", "losses", "navigation", "notices", "sync_kinds")

"""What every page with a map is given."""

from typing import Any

from layers import registry
from layers.http import Request
from layers.queries import Bounds


def map_context(request: Request, bounds: Bounds) -> dict[str, Any]:
    """Return the bounds to show and the layers that the viewer may see."""
    return {"bounds": bounds, "layers": [layer.slug for layer in registry.visible(request.viewer)]}

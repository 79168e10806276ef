"""The registry of methods, and the methods that it knows from the start."""

from planning.methods.hot_spots import HOT_SPOTS
from planning.methods.registry import Method, method_of, methods, register
from planning.methods.street_grid import STREET_GRID
from planning.methods.trend import TREND

register(HOT_SPOTS)
register(STREET_GRID)
register(TREND)

__all__ = ["Method", "method_of", "methods", "register"]

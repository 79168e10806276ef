"""The demo city as a file of OpenStreetMap, repeated side by side until it is large enough."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from pathlib import Path

import osmium
import shapely
from osmium.osm.mutable import Node, Relation, Way

from fixtures.city import DemoCity

HOUSE_DEGREES = 0.00005
ASSETS = {
    "street-light": {"highway": "street_lamp"},
    "hydrant": {"emergency": "fire_hydrant"},
    "bin": {"amenity": "waste_basket"},
    "school": {"amenity": "school"},
    "station": {"amenity": "bus_station"},
}
Tags = dict[str, str]
Point = tuple[float, float]
Drawing = tuple[list[int], Tags]
"""What is drawn through nodes, or made of ways, by their places in the lists."""


@dataclass
class _Drawn:
    """One city: its nodes, the ways through them, the relations of outer ways."""

    nodes: list[tuple[Point, Tags]] = field(default_factory=list)
    ways: list[Drawing] = field(default_factory=list)
    relations: list[Drawing] = field(default_factory=list)
    known: dict[Point, int] = field(default_factory=dict)

    def node(self, point: Point, tags: Tags | None = None) -> int:
        self.nodes.append((point, tags or {}))
        return len(self.nodes) - 1

    def street(self, points: list[Point], tags: Tags) -> None:
        """Draw a line; lines that meet share the node."""
        for point in points:
            if point not in self.known:
                self.known[point] = self.node(point)
        self.ways.append(([self.known[point] for point in points], tags))

    def ring(self, polygon: shapely.Polygon, tags: Tags) -> int:
        nodes = [self.node(point) for point in list(polygon.exterior.coords)[:-1]]
        self.ways.append(([*nodes, nodes[0]], tags))
        return len(self.ways) - 1


def _drawn(city: DemoCity) -> _Drawn:
    drawn = _Drawn()
    for street in city.streets:
        tags = {"highway": street.highway, "name": street.name, "maxspeed": "50"}
        if street.bridge:
            tags |= {"bridge": "yes", "layer": str(street.level)}
        drawn.street(list(street.line.coords), tags)
    for home in city.addresses:
        house = shapely.Point(home.lon, home.lat).buffer(HOUSE_DEGREES, cap_style="square")
        tags = {"addr:street": home.street, "addr:housenumber": str(home.number)}
        drawn.ring(house, {"building": "yes"} | tags)
    for park in city.parks:
        for part in shapely.get_parts(park.polygon):
            drawn.ring(part, {"leisure": "park", "name": park.name})
    for ward in city.wards:
        outer = [drawn.ring(part, {}) for part in shapely.get_parts(ward.polygon)]
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "9"}
        drawn.relations.append((outer, tags | {"name": ward.name}))
    for asset in city.assets:
        drawn.node((asset.lon, asset.lat), ASSETS[asset.kind])
    return drawn


def write(city: DemoCity, path: Path, least_nodes: int) -> int:
    """Write a file of at least so many nodes; return how many there are."""
    drawn = _drawn(city)
    nodes, ways = len(drawn.nodes), len(drawn.ways)
    copies = ceil(least_nodes / nodes)
    west, _south, east, _north = city.boundary.polygon.bounds
    ids = count(1)
    with osmium.SimpleWriter(str(path), overwrite=True) as file:
        for copy in range(copies):
            for (lon, lat), tags in drawn.nodes:
                place = (lon + copy * (east - west), lat)
                file.add_node(Node(id=next(ids), location=place, tags=tags, version=1))
        for number, (refs, tags) in enumerate(_repeated(drawn.ways, nodes, copies), 1):
            file.add_way(Way(id=number, nodes=refs, tags=tags, version=1))
        for number, (refs, tags) in enumerate(_repeated(drawn.relations, ways, copies), 1):
            members = [("w", ref, "outer") for ref in refs]
            file.add_relation(Relation(id=number, members=members, tags=tags, version=1))
    return nodes * copies


def _repeated(things: list[Drawing], step: int, copies: int) -> Iterator[Drawing]:
    """Return what is drawn, copy by copy, with the numbers (from 1) of that copy's own parts."""
    for copy in range(copies):
        for refs, tags in things:
            yield [copy * step + ref + 1 for ref in refs], tags

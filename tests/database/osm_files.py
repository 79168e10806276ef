"""Small files of OpenStreetMap, as tests write them."""

from pathlib import Path
from typing import Any

import osmium
from osmium.osm.mutable import Node, Relation, Way


class OsmFile:
    """Collects nodes, ways and relations; a way's points become nodes, shared where they meet."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.ways: list[Way] = []
        self.relations: list[Relation] = []
        self._known: dict[tuple[float, float], int] = {}

    def node(self, lon: float, lat: float, **tags: Any) -> int:
        self.nodes.append(Node(id=len(self.nodes) + 1, location=(lon, lat), tags=_tags(tags)))
        return len(self.nodes)

    def way(self, *points: tuple[float, float] | int, **tags: Any) -> int:
        """Draw a way; a number stands for a node that the file does not have."""
        refs = [point if isinstance(point, int) else self._vertex(point) for point in points]
        self.ways.append(Way(id=len(self.ways) + 1, nodes=refs, tags=_tags(tags)))
        return len(self.ways)

    def relation(self, members: list[tuple[str, int, str]], **tags: Any) -> int:
        number = len(self.relations) + 1
        self.relations.append(Relation(id=number, members=members, tags=_tags(tags)))
        return number

    def write(self, path: Path) -> Path:
        with osmium.SimpleWriter(str(path), overwrite=True) as file:
            for node in self.nodes:
                file.add_node(node)
            for way in self.ways:
                file.add_way(way)
            for relation in self.relations:
                file.add_relation(relation)
        return path

    def _vertex(self, point: tuple[float, float]) -> int:
        if point not in self._known:
            self._known[point] = self.node(*point)
        return self._known[point]


def box(west: float, south: float, size: float = 0.001) -> list[tuple[float, float]]:
    east, north = west + size, south + size
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _tags(tags: dict[str, Any]) -> dict[str, str]:
    """Let ``addr_street`` stand for ``addr:street``."""
    return {name.replace("addr_", "addr:"): str(value) for name, value in tags.items()}

"""Reads an ``.osm.pbf`` once and sorts what a city asks for by subject, into columns on the disk.

Nodes come first in such a file, then ways, then relations; osmium remembers where the nodes lie
and assembles areas from closed ways and multipolygons.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osmium
import pyarrow as pa
import shapely

from layers.datasets import Watch
from layers.errors import InvalidInput, TooLarge
from layers.importing.opening import check_file
from layers.importing.osm import tags as meaning
from layers.importing.osm.repeats import Repeats
from layers.importing.osm.spool import Geometries, Row, Spool

MOST_BYTES = 1_000_000_000
IN_MEMORY_BYTES = 50_000_000
"""The nodes of a larger file are remembered on the disk: 16 bytes each, 3 to 10 of the file."""
MAGIC = slice(4, 15)
OSM_HEADER = b"\n\tOSMHeader"
WATCHED_EVERY = 5_000
READING_SHARE = 0.4
"""How much of an import's time reading takes, about; storing takes the rest."""
PHASES: Mapping[str, int] = {"n": 0, "w": 1, "a": 1, "r": 2}
"""In which part of a file things come; areas follow the last of their ways."""

TEXT, WHOLE, FLAG = pa.string(), pa.int16(), pa.bool_()
COLUMNS: Mapping[str, dict[str, pa.DataType]] = {
    "streets": {
        "code": TEXT,
        "name": TEXT,
        "street_class": TEXT,
        "is_bridge": FLAG,
        "is_tunnel": FLAG,
        "level": WHOLE,
        "is_oneway": FLAG,
        "speed_kmh": WHOLE,
        "surface": TEXT,
    },
    "areas": {"kind": TEXT, "code": TEXT, "name": TEXT},
    "addresses": {"code": TEXT, "street_name": TEXT, "number": TEXT},
    "points": {"code": TEXT, "class": TEXT, "kind": TEXT, "name": TEXT},
    "assets": {"kind": TEXT, "code": TEXT, "name": TEXT},
}
"""The subjects and their attributes; each row has a geometry beside them."""

MOST_NAME, MOST_SURFACE, MOST_CLASS, MOST_NUMBER = 200, 40, 40, 20
"""Characters that are kept; a longer house number is no address."""


@dataclass
class Tally:
    """Counts of one subject: what was read came in or was left out, for a reason."""

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    """Of what came in: what was changed or is not known."""

    @property
    def accepted(self) -> int:
        """Return how many came in."""
        return self.read - self.left_out.total()


@dataclass(frozen=True)
class Extract:
    """What a file holds, by subject."""

    file_name: str
    digest: str
    """SHA-256 of the file and of what its levels were said to be."""
    spools: Mapping[str, Spool]
    tallies: Mapping[str, Tally]
    kinds: Mapping[str, Counter[str]]
    """How many areas and assets there are of each kind."""
    bounds: tuple[float, float, float, float] | None
    """West, south, east, north of the streets, areas and points that came in (EPSG:4326)."""


@contextmanager
def extracted(path: Path, levels: Mapping[str, str], watch: Watch) -> Iterator[Extract]:
    """Read a file; what it holds can be read until the context ends.

    Parameters
    ----------
    path
        An ``.osm.pbf``.
    levels
        Kind of area for each ``admin_level``; others become ``admin-<level>``.
    watch
        Called every few thousand things.

    Raises
    ------
    InvalidInput
        When the file is none, is damaged, holds the history of things, or is not sorted.
    TooLarge
        When it has more than `MOST_BYTES`.
    """
    check(path)
    with TemporaryDirectory(prefix="civicgrid-osm-") as folder:
        sorting = _Sorting(Path(folder), levels)
        try:
            _read(path, Path(folder), sorting, watch)
        except (RuntimeError, osmium.InvalidLocationError) as error:
            message = f"{path.name} is damaged ({error}). Fetch it again."
            raise InvalidInput(message, field="file") from error
        yield sorting.finished(path.name, _digest(path, levels))


def is_extract(path: Path) -> bool:
    """Tell whether a file begins as an ``.osm.pbf`` does.

    Raises
    ------
    InvalidInput
        When it cannot be opened.
    """
    check_file(path)
    with path.open("rb") as file:
        return file.read(MAGIC.stop)[MAGIC] == OSM_HEADER


def check(path: Path) -> None:
    """Refuse what is no extract, see `extracted`."""
    if not is_extract(path):
        message = f"{path.name} is no .osm.pbf file: it does not begin as one. Check the download."
        raise InvalidInput(message, field="file")
    size = path.stat().st_size
    if size > MOST_BYTES:
        message = (
            f"{path.name} has {size:,} bytes; at most {MOST_BYTES:,} are taken. Cut your city out "
            "of it, for example with osmium extract."
        )
        raise TooLarge(message, field="file")


def _digest(path: Path, levels: Mapping[str, str]) -> str:
    digest = hashlib.sha256(repr(sorted(levels.items())).encode())
    with path.open("rb") as file:
        while piece := file.read(1_000_000):
            digest.update(piece)
    return digest.hexdigest()


def _read(path: Path, folder: Path, sorting: "_Sorting", watch: Watch) -> None:
    """Hand every thing with one of our keys to `sorting`."""
    # The name is told as a path with its format: osmium would fetch an address.
    file = osmium.io.File(str(path.resolve()), "pbf")
    things = osmium.FileProcessor(file)
    if things.header.has_multiple_object_versions:
        message = f"{path.name} holds the history of each thing. Fetch an extract without history."
        raise InvalidInput(message, field="file")
    in_memory = path.stat().st_size <= IN_MEMORY_BYTES
    storage = "flex_mem" if in_memory else f"sparse_file_array,{folder / 'nodes'}"
    things.with_locations(storage).with_areas(osmium.filter.KeyFilter(*meaning.AREA_KEYS))
    entities = osmium.osm
    for keys, type_bits in (
        (meaning.PLACE_KEYS, entities.NODE),
        (meaning.WAY_KEYS, entities.WAY),
        (meaning.AREA_KEYS, entities.AREA | entities.RELATION),
    ):
        has_key = osmium.filter.KeyFilter(*keys)
        has_key.enable_for(type_bits)
        things.with_filter(has_key)
    take = {"n": sorting.node, "w": sorting.way, "a": sorting.area, "r": sorting.relation}
    phase, before = 0, "n"
    for count, thing in enumerate(things):
        type_ = thing.type_str()
        if type_ != before:
            if type_ == "n":
                message = (
                    f"{path.name} is not sorted: nodes come after ways. Bring it into order, for "
                    "example with osmium sort."
                )
                raise InvalidInput(message, field="file")
            phase, before = max(phase, PHASES[type_]), type_
        if count % WATCHED_EVERY == 0:
            watch(READING_SHARE * phase / 3, f"Reading OpenStreetMap, {count:,} things")
        take[type_](thing)


class _Sorting:
    """Sorts things by subject, one at a time."""

    def __init__(self, folder: Path, levels: Mapping[str, str]) -> None:
        self._levels = levels
        self._wkb = osmium.geom.WKBFactory()
        self._repeats = Repeats()
        self._relations: dict[int, list[str]] = {}
        """Relations that are areas of ours, with their kinds, until they are assembled."""
        self.tallies = {subject: Tally() for subject in COLUMNS}
        self.kinds: dict[str, Counter[str]] = {"areas": Counter(), "assets": Counter()}
        self.spools = {
            subject: Spool(
                folder / subject,
                columns,
                as_points=subject not in {"streets", "areas"},
                keep=self._new_addresses if subject == "addresses" else None,
            )
            for subject, columns in COLUMNS.items()
        }

    def node(self, node: Any) -> None:
        """Put a node where it belongs, which may be several places or none."""
        self._place(f"node/{node.id}", node.tags, lambda: self._wkb.create_point(node))

    def way(self, way: Any) -> None:
        """Take a way as a street."""
        tags = way.tags
        if "highway" in tags:
            self._street(way, tags)
        if "addr:interpolation" in tags:
            self.tallies["addresses"].read += 1
            self._leave_out("addresses", "a range of numbers along a line")

    def relation(self, relation: Any) -> None:
        """Expect the area that a relation will be assembled to."""
        tags = relation.tags
        kinds = meaning.kinds_of_area(tags, self._levels)
        if kinds and tags.get("type") in {"multipolygon", "boundary"}:
            self._relations.setdefault(relation.id, kinds)

    def area(self, area: Any) -> None:
        """Put an area where it belongs, which may be several places or none."""
        tags = area.tags
        from_way = area.from_way()
        code = f"{'way' if from_way else 'relation'}/{area.orig_id()}"
        # Most areas are houses: they are asked for nothing but their address.
        is_house = meaning.is_house_alone(tags)
        kinds = [] if is_house else meaning.kinds_of_area(tags, self._levels)
        try:
            shape = str(self._wkb.create_multipolygon(area))
        except (osmium.InvalidLocationError, RuntimeError):
            if from_way:
                self.tallies["areas"].read += len(kinds)
                self._leave_out("areas", "its rings do not close in this file", len(kinds))
            return
        if not from_way:
            self._relations[area.orig_id()] = []
        if is_house:
            self._address(code, tags, shape)
            return
        self.tallies["areas"].read += len(kinds)
        for kind in kinds:
            self.kinds["areas"][kind] += 1
            self.spools["areas"].add((kind, code, self._name("areas", tags), shape))
        self._place(code, tags, lambda: shape)

    def finished(self, file_name: str, digest: str) -> Extract:
        """Close the spools; what was not assembled by now is broken."""
        for kinds in self._relations.values():
            self.tallies["areas"].read += len(kinds)
            self._leave_out("areas", "its rings do not close in this file", len(kinds))
        for spool in self.spools.values():
            spool.close()
        every = [s.bounds for s in self.spools.values() if s.bounds is not None]
        return Extract(file_name, digest, self.spools, self.tallies, self.kinds, _around(every))

    def _leave_out(self, subject: str, why: str, count: int = 1) -> None:
        self.tallies[subject].left_out[why] += count

    def _name(self, subject: str, tags: meaning.Tags) -> str:
        return self._text(subject, tags.get("name", ""), MOST_NAME)

    def _text(self, subject: str, text: str, most: int) -> str:
        """Return a text without its end where it is too long, and note that."""
        if len(text) > most:
            self.tallies[subject].noted[f"a text was cut to {most} characters"] += 1
        return text[:most]

    def _street(self, way: Any, tags: meaning.Tags) -> None:
        tally = self.tallies["streets"]
        tally.read += 1
        if why := meaning.why_no_street(tags):
            self._leave_out("streets", why)
            return
        direction = meaning.oneway(tags)
        line = self._line(way, is_backward=direction < 0)
        if not line:
            self._leave_out("streets", "fewer than two of its nodes lie in this file")
            return
        try:
            speed = meaning.speed_kmh(tags.get("maxspeed", ""))
        except ValueError:
            tally.noted["its speed limit is no single number"] += 1
            speed = None
        self.spools["streets"].add(
            (
                f"way/{way.id}",
                self._name("streets", tags),
                self._text("streets", tags["highway"], MOST_CLASS),
                meaning.is_set(tags, "bridge"),
                meaning.is_set(tags, "tunnel"),
                meaning.level(tags),
                direction != 0,
                speed,
                self._text("streets", tags.get("surface", ""), MOST_SURFACE),
                line,
            )
        )

    def _line(self, way: Any, *, is_backward: bool) -> str:
        """Return a way as WKB: a line, several where nodes are missing; nothing without two."""
        direction = osmium.geom.direction.BACKWARD if is_backward else osmium.geom.direction.FORWARD
        try:
            return str(self._wkb.create_linestring(way, direction=direction))
        except (osmium.InvalidLocationError, RuntimeError):
            runs = [run[::-1] if is_backward else run for run in _runs(way)]
        if not runs:
            return ""
        if any(not node.location.valid() for node in way.nodes):
            self.tallies["streets"].noted["it goes beyond this file, what lies inside came in"] += 1
        return str(shapely.to_wkb(shapely.multilinestrings(runs), hex=True))

    def _place(self, code: str, tags: meaning.Tags, shape: Callable[[], str]) -> None:
        """Take a node or an area as an address, an asset, a point of interest."""
        if "addr:housenumber" in tags:
            self._address(code, tags, shape())
        if asset := meaning.kind_of_asset(tags):
            self.tallies["assets"].read += 1
            self.kinds["assets"][asset] += 1
            self.spools["assets"].add((asset, code, self._name("assets", tags), shape()))
        elif found := meaning.class_of_point(tags):
            self.tallies["points"].read += 1
            self.spools["points"].add((code, *found, self._name("points", tags), shape()))

    def _address(self, code: str, tags: meaning.Tags, shape: str) -> None:
        self.tallies["addresses"].read += 1
        street = tags.get("addr:street") or tags.get("addr:place", "")
        number = tags["addr:housenumber"]
        if not street:
            self._leave_out("addresses", "it names no street or place")
        elif len(number) > MOST_NUMBER:
            self._leave_out("addresses", f"its number has more than {MOST_NUMBER} characters")
        else:
            street = self._text("addresses", street, MOST_NAME)
            self.spools["addresses"].add((code, street, number, shape))

    def _new_addresses(self, rows: Sequence[Row], points: Geometries) -> list[bool]:
        new = [
            self._repeats.is_new(street, number, *place)
            for (_code, street, number, _shape), place in zip(
                rows, shapely.get_coordinates(points).tolist(), strict=True
            )
        ]
        if again := new.count(False):
            self._leave_out("addresses", "the same address is mapped within 200 m", again)
        return new


def _runs(way: Any) -> list[list[tuple[float, float]]]:
    """Return the unbroken runs of a way's nodes that lie in the file, each of two or more."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            runs.append([])
        elif (place := (node.location.lon, node.location.lat)) not in runs[-1][-1:]:
            runs[-1].append(place)
    return [run for run in runs if len(run) > 1]


def _around(every: list[Any]) -> tuple[float, float, float, float] | None:
    if not every:
        return None
    west, south, east, north = zip(*every, strict=True)
    return min(west), min(south), max(east), max(north)

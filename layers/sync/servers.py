"""Sources of layers on other servers: how their files are read, and how they are brought in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from layers.sync import feature_server, layer, ogc_features
from layers.sync.client import Refused
from layers.sync.columns import guessed
from layers.sync.connection import checked
from layers.sync.feature_server import FeatureServer
from layers.sync.kinds import Outcome, Work
from layers.sync.ogc_features import Collection
from layers.sync.secrets import secret
from layers.sync.spool import Incomplete, Page
from layers.toml import Table

READING = "Reading"
READ_SHARE = 0.6
"""Of the whole run: the rest is storing."""


@dataclass(frozen=True)
class FromFeatureServer:
    """A layer of a FeatureServer."""

    server: FeatureServer
    wanted: layer.Wanted

    def bring(self, work: Work) -> Outcome:
        """Read every page, then replace the data set."""
        layer.drop_replaced(work)
        described = feature_server.describe(work.client, self.server)
        total = feature_server.count(work.client, self.server)

        def pages(last: Page | None) -> Iterator[Page]:
            return feature_server.pages(work.client, self.server, described, last)

        recipe = {**asdict(self.server), "token": "", "columns": len(described.columns)}
        resumed = fill(work, recipe, pages, total)
        self._check_whole(work)
        outcome = layer.keep(
            work,
            replace(
                self.wanted,
                title=self.wanted.title or described.title,
                attribution=self.wanted.attribution or described.attribution,
            ),
            described.columns,
        )
        return finished(work, outcome, resumed)

    def _check_whole(self, work: Work) -> None:
        """Compare what came with what the server now counts."""
        total = feature_server.count(work.client, self.server)
        came = sum(map(len, work.spool.pages()))
        if total is not None and came < total:
            work.spool.clear()
            message = (
                f"{work.name}: the server counts {total:,} features, and {came:,} came. Nothing "
                "is replaced; the next run reads it anew."
            )
            raise Incomplete(message, field="address")


@dataclass(frozen=True)
class FromCollection:
    """A collection of an OGC API Features server."""

    collection: Collection
    wanted: layer.Wanted

    def bring(self, work: Work) -> Outcome:
        """Read every page, then replace the data set."""
        layer.drop_replaced(work)
        described = ogc_features.describe(work.client, self.collection)

        def pages(last: Page | None) -> Iterator[Page]:
            return ogc_features.pages(work.client, self.collection, described, last)

        resumed = fill(work, asdict(self.collection), pages)
        outcome = layer.keep(
            work,
            replace(
                self.wanted,
                title=self.wanted.title or described.title,
                attribution=self.wanted.attribution or described.attribution,
            ),
            guessed(work.spool.pages()),
        )
        return finished(work, outcome, resumed)


def fill(
    work: Work,
    recipe: Mapping[str, Any],
    pages: Callable[[Page | None], Iterator[Page]],
    total: int | None = None,
) -> int:
    """Bring the pages of a recipe into the spool; return how many an earlier run had left there.

    Parameters
    ----------
    recipe
        What is read; pages that another recipe brought are forgotten.
    pages
        Gives the pages after one.
    total
        How many records will come, where that is known.
    """
    work.spool.begin(recipe)
    last = work.spool.last()
    resumed = len(work.spool)
    try:
        _append(work, pages(last), total)
    except Refused:
        if last is None:
            raise
        # A place to go on from does not last forever on the other side.
        work.spool.clear()
        work.spool.begin(recipe)
        resumed = 0
        _append(work, pages(None), total)
    except Incomplete:
        work.spool.clear()
        raise
    return resumed


def _append(work: Work, pages: Iterator[Page], total: int | None) -> None:
    came = sum(map(len, work.spool.pages()))
    work.progress(0.0, READING)
    for page in pages:
        work.spool.append(page)
        came += len(page.records)
        share = came / total if total else 1 - 1 / (1 + len(work.spool) / 10)
        work.progress(READ_SHARE * min(share, 1.0), READING)


def finished(work: Work, outcome: Outcome, resumed: int) -> Outcome:
    """Forget the pages, now that what they held is stored."""
    work.spool.clear()
    if resumed:
        outcome.notes.append(f"Went on after {resumed:,} pages that an earlier run had brought")
    return outcome


def read_feature_server(table: Table, _folder: Path) -> FromFeatureServer:
    """Read a source of the kind ``featureserver``."""
    server = FeatureServer(
        address=address_of(table),
        where=table.text("where", "1=1"),
        key_field=table.text("key", ""),
        token=secret(table, "token_from"),
        page_size=table.whole("page_size", feature_server.PAGE),
    )
    return FromFeatureServer(server, layer.read_wanted(table))


def read_collection(table: Table, _folder: Path) -> FromCollection:
    """Read a source of the kind ``ogc-features``."""
    collection = Collection(
        address=address_of(table),
        key_field=table.text("key", ""),
        page_size=table.whole("page_size", ogc_features.PAGE),
    )
    return FromCollection(collection, layer.read_wanted(table))


def address_of(table: Table) -> str:
    """Return the address of a source; it may be asked, as far as its looks go."""
    address = table.text("address").rstrip("/")
    checked(address)
    return address

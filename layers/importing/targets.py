"""What a file may become: the places that an import fills, and under which name it is recorded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, cast

from django.db.models import CharField, Model

from layers.errors import InvalidInput
from layers.importing.load import Provenance
from layers.importing.models import Import
from layers.models import AssetKind, Dataset


@dataclass(frozen=True)
class _OfKind:
    """Rows of one kind, by the file's columns `name` and `code`; both may be missing."""

    kind: str
    name: str = ""
    code: str = ""
    table: ClassVar[str]

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"{self.table}:{self.kind}"


@dataclass(frozen=True)
class _OfSource:
    """Rows of one source; `columns` has our names, and the file's."""

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    table: ClassVar[str]

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"{self.table}:{self.source}"


class AreasTarget(_OfKind):
    """Areas of one kind."""

    table = "areas"


@dataclass(frozen=True)
class AssetsTarget(_OfKind):
    """Things of one kind that the city looks after; `title` and plural name a kind that is new."""

    title: str = ""
    title_plural: str = ""
    table = "assets"


class StreetsTarget(_OfSource):
    """Street segments of a source; our names are those of `load.STREET_COLUMNS`."""

    table = "streets"


class AddressesTarget(_OfSource):
    """Addresses; our names are ``street_name``, ``number``, ``residents`` and ``code``."""

    table = "addresses"


@dataclass(frozen=True)
class LayerTarget:
    """A layer of its own, which any file can become."""

    slug: str
    title: str
    description: str = ""
    audience: str = Dataset.Audience.PLANNERS
    geometry_type: str = ""
    """point, line or polygon; empty: what most rows are."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Names for some of the file's columns: ours, and theirs."""

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"layer:{self.slug}"


Target = AreasTarget | StreetsTarget | AddressesTarget | AssetsTarget | LayerTarget


def check(target: Target, provenance: Provenance) -> None:
    """Refuse names and terms that cannot be kept.

    Raises
    ------
    InvalidInput
        When a slug is no name, or a text is too long.
    """
    if isinstance(target, LayerTarget):
        _check_name("slug", target.slug, Dataset)
        _check_text("title", target.title, Dataset)
    if isinstance(target, AssetsTarget):
        _check_name("kind", target.kind, AssetKind)
        _check_text("title", target.title, AssetKind)
        _check_text("title_plural", target.title_plural, AssetKind)
    _check_text("source", provenance.name, Import)
    _check_text("subject", target.subject, Import)
    _check_text("licence", provenance.licence, Import)
    _check_text("attribution", provenance.attribution, Import)


A_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def _check_name(field: str, name: str, model: type[Model]) -> None:
    if not A_NAME.fullmatch(name):
        message = (
            f"The {field} {name[:40]!r} is no name: give small letters, digits and hyphens, such "
            "as flood-plain."
        )
        raise InvalidInput(message, field=field)
    _check_text("slug", name, model, field)


def _check_text(column: str, text: str, model: type[Model], field: str = "") -> None:
    found = model._meta.get_field(column)  # noqa: SLF001 - a public interface
    most = cast("CharField[str, str]", found).max_length or 0
    if len(text) > most:
        message = (
            f"The {field or column} {text[:40]!r}… has {len(text):,} characters; at most {most} "
            "can be kept. Shorten it."
        )
        raise InvalidInput(message, field=field or column)

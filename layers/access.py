"""Who is looking, and what the database knows of it.

A `Viewer` is built once per request or job and handed to every query. Restricted tables have
row-level security; their policies read the setting ``civicgrid.viewer``, which only
`acting_as` sets.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

SETTING = "civicgrid.viewer"
SET = "SELECT set_config(%s, %s, true)"


@dataclass(frozen=True)
class Duty:
    """One membership's reach: these categories, in these areas, up to this sensitivity class.

    A viewer with two duties may not combine the areas of one with the clearance of the other.
    """

    areas: frozenset[int] | None
    """Keys of the areas; None is the whole city."""
    categories: frozenset[int] | None
    """Keys of the categories; None is all of them."""
    clearance: int
    """Highest sensitivity class (0 to 3) whose exact place may be read."""
    crew: int

    def covers(self, category: int, sensitivity: int, areas: Iterable[int]) -> bool:
        """Tell whether something of this category and class, in these areas, is in reach."""
        return (
            sensitivity <= self.clearance
            and (self.categories is None or category in self.categories)
            and (self.areas is None or not self.areas.isdisjoint(areas))
        )


@dataclass(frozen=True)
class Viewer:
    """The person (or nobody) on whose behalf something is read or written."""

    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    duties: tuple[Duty, ...] = ()
    receipts: frozenset[int] = frozenset()
    """Keys of reports that this viewer holds the receipt of."""
    drafts: frozenset[UUID] = frozenset()
    """Names of reports that this viewer is about to send."""
    address: str = ""
    """Where the request came from, for the log of exact reads."""

    def has(self, *roles: str) -> bool:
        """Tell whether the viewer has any of these roles."""
        return not self.roles.isdisjoint(roles)

    def holding(self, report_id: int) -> "Viewer":
        """Return this viewer with the receipt of one report in hand."""
        return replace(self, receipts=self.receipts | {report_id})

    def drafting(self, *drafts: UUID) -> "Viewer":
        """Return this viewer as the one who is about to send these reports."""
        return replace(self, drafts=self.drafts.union(drafts))

    def setting(self) -> str:
        """Render the viewer as the policies read it."""
        return json.dumps(
            {
                "user": self.user_id,
                "receipts": sorted(self.receipts),
                "drafts": sorted(map(str, self.drafts)),
                "address": self.address,
                "duties": [
                    {
                        "areas": None if d.areas is None else sorted(d.areas),
                        "categories": None if d.categories is None else sorted(d.categories),
                        "clearance": d.clearance,
                    }
                    for d in self.duties
                ],
            }
        )


ANONYMOUS = Viewer()


@contextmanager
def acting_as(viewer: Viewer) -> Iterator[None]:
    """Open a transaction in which restricted rows show as `viewer` may see them.

    Nested uses restore the outer viewer at their end; at the end of the outermost the setting
    is gone with the transaction, so that nothing survives into the next request.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        outer = "" if is_outermost else _current(cursor)
        cursor.execute(SET, [SETTING, viewer.setting()])
        yield
        # After an exception the savepoint's rollback restores the outer value by itself.
        if not is_outermost:
            cursor.execute(SET, [SETTING, outer])


def _current(cursor: CursorWrapper) -> str:
    cursor.execute("SELECT current_setting(%s, true)", [SETTING])
    (value,) = cursor.fetchone()
    return value or ""

"""Finds the things that the city looks after by the code that stands on them."""

from django.db import connection
from django.utils.translation import gettext as _

from layers.gazetteer import Place, register
from layers.statements import statement

MOST_ASSETS = 5
SHORTEST_BEGUN = 3
"""Letters and digits of a code from which on those that begin so are offered."""


@register
def find_assets(text: str) -> list[Place]:
    """Return assets whose code the text, or a word of it with a digit, is or begins."""
    codes = [text, *(word for word in text.split() if any(map(str.isdigit, word)))]
    with connection.cursor() as cursor:
        cursor.execute(
            statement(__file__, "assets_by_code"),
            {"codes": codes, "shortest": SHORTEST_BEGUN, "most": MOST_ASSETS},
        )
        rows = cursor.fetchall()
    return [
        Place("asset", _("%(kind)s %(code)s") % {"kind": _(kind), "code": code}, lon, lat)
        for code, kind, lon, lat in rows
    ]

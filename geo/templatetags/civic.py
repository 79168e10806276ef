"""The design language in templates: icons, the families' glyphs, the states' badges."""

import json
from collections.abc import Iterable, Mapping

from django import template
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from reports.models import Family
from reports.workflow import State

register = template.Library()

ICON_CLASSES = {"s": "i s", "m": "i", "l": "i l", "xl": "i xl"}

# The outline shape of a family is the symbol of its name in families.svg.
FAMILY_ICONS = {
    "crime": "shield-alert",
    "roads": "traffic-cone",
    "water": "droplets",
    "waste": "trash",
    "other": "ellipsis",
}

# Icon and tint of each state's badge; the word is the state's own label.
STATE_FACES = {
    "new": ("circle-dashed", "info"),
    "accepted": ("circle-dot", ""),
    "assigned": ("user-round-check", ""),
    "progress": ("contrast", "warn"),
    "hold": ("circle-pause", ""),
    "done": ("circle-check", "ok"),
    "rejected": ("circle-slash", ""),
    "merged": ("merge", ""),
}


@register.simple_tag
def icon(name: str, size: str = "m") -> SafeString:
    """Return one icon of the sprite, hidden from assistive technology.

    Parameters
    ----------
    name
        Name of a lucide icon, such as ``map-pin``.
    size
        ``s`` 16, ``m`` 20, ``l`` 24 or ``xl`` 32 px.
    """
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        ICON_CLASSES[size],
        static("vendor/lucide/sprite.svg"),
        name,
    )


@register.simple_tag
def glyph(family: str, size: str = "", icon_name: str = "", *, hollow: bool = False) -> SafeString:
    """Return a family's glyph: colour, outline shape and icon.

    Parameters
    ----------
    family
        ``crime``, ``roads``, ``water``, ``waste`` or ``other``.
    size
        ``mini`` 14 (no icon), empty 32, ``big`` 44 px.
    icon_name
        A category's own icon in place of the family's.
    hollow
        The outline that stands for done.
    """
    classes = " ".join(filter(None, ("glyph", family, size, "hollow" if hollow else "")))
    return format_html(
        '<span class="{}"><svg class="shape" viewBox="0 0 32 32" aria-hidden="true">'
        '<use href="{}#{}"></use></svg>{}</span>',
        classes,
        static("geo/families.svg"),
        family,
        icon(icon_name or FAMILY_ICONS[family], "s"),
    )


@register.simple_tag
def badge(state: str, word: str = "") -> SafeString:
    """Return the badge of a state: its icon and its word, or `word` where one says more."""
    icon_name, tint = STATE_FACES[state]
    return _badge(tint, icon_name, word or State(state).label)


def _badge(tint: str, icon_name: str, word: str | Promise) -> SafeString:
    return format_html('<span class="badge {}">{}{}</span>', tint, icon(icon_name), word)


@register.simple_tag
def state_icon(state: str, size: str = "s") -> SafeString:
    """Return the icon of a state alone, as the timeline's discs show it."""
    return icon(STATE_FACES[state][0], size)


@register.simple_tag
def families() -> list[Family]:
    """Return the five families in their order, each with ``value`` and ``label``."""
    return list(Family)


@register.simple_tag
def family_icons() -> SafeString:
    """Return family and icon name as JSON, which the map's pins read from an attribute."""
    return data(FAMILY_ICONS)


@register.filter
def translated(text: str) -> str:
    """Say a text of the data, such as a category's title, in the reader's language."""
    return gettext(text) if text else ""


@register.filter
def data(value: str | float | Mapping[str, object] | Iterable[object] | None) -> SafeString:
    """Return a value as JSON, escaped to stand in a quoted attribute."""
    return format_html("{}", json.dumps(value, default=list))

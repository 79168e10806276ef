"""What templates ask of a kind of problem."""

from django import template
from django.utils.translation import gettext

from reports import kinds
from reports.models import Category

register = template.Library()
register.filter("warns", kinds.warns_of_emergency)


@register.filter
def plain_words(kind: Category) -> str:
    """Return by what somebody may look for a kind: its title, its keywords, its description."""
    return "|".join((gettext(kind.title), gettext(kind.keywords), gettext(kind.description)))

"""The planners' room in the top bar."""

from django.utils.translation import gettext_lazy as _

from layers.navigation import Entry, register
from planning.queries import PLANNING_ROLES

register(Entry(_("Planning"), "planning", order=40, roles=frozenset(PLANNING_ROLES)))

"""The rooms of reports in the top bar."""

from django.utils.translation import gettext_lazy as _

from layers.navigation import Entry, register

register(Entry(_("Map"), "home", order=10))
register(Entry(_("Who sees what"), "privacy", order=90))
register(Entry(_("Import reports"), "reports_import", order=61, roles=frozenset({"administrator"})))
register(Entry(_("My work"), "crew", order=20, roles=frozenset({"crew"})))

"""What an administrator must know of reports."""

from layers.notices import Notice, register
from reports.mask_versions import warning

register(Notice(warning, frozenset({"administrator"})))

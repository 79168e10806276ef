"""The kinds of sources that bring reports."""

from layers.sync.kinds import register
from reports.sync.source import read_open311

register("open311", read_open311)

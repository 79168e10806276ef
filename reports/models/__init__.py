"""What is stored about reports."""

from reports.models.history import ExactRead, HistoryEntry, HistoryText
from reports.models.imports import ReportImport
from reports.models.kinds import Category, Family, Sensitivity
from reports.models.masks import MaskVersion, QuarterCount, SnapPoint
from reports.models.people import Crew, Department, Membership, Zone
from reports.models.photos import Photo, PhotoContent
from reports.models.reports import (
    Contact,
    ExactLocation,
    Precision,
    PublicReport,
    Report,
    ReportArea,
    ShownReport,
    SubmissionKey,
)
from reports.models.voices import Follower, FollowerAddress, MeToo, Verdict

__all__ = [
    "Category",
    "Contact",
    "Crew",
    "Department",
    "ExactLocation",
    "ExactRead",
    "Family",
    "Follower",
    "FollowerAddress",
    "HistoryEntry",
    "HistoryText",
    "MaskVersion",
    "MeToo",
    "Membership",
    "Photo",
    "PhotoContent",
    "Precision",
    "PublicReport",
    "QuarterCount",
    "Report",
    "ReportArea",
    "ReportImport",
    "Sensitivity",
    "ShownReport",
    "SnapPoint",
    "SubmissionKey",
    "Verdict",
    "Zone",
]

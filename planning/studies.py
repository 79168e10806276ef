"""Keeps a recipe: which method is asked, of which source, with which parameters."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from layers.access import Viewer
from layers.errors import InvalidInput
from planning.methods import method_of
from planning.models import Study
from planning.queries import require_planner

TITLE_LENGTH = 200


def create(
    method: str,
    viewer: Viewer,
    *,
    source: str = "",
    parameters: Mapping[str, Any] | None = None,
    filters: Mapping[str, Any] | None = None,
    title: str = "",
) -> Study:
    """Store a study; values may be texts of a form or a shell, and are parsed here.

    `source` is the slug of the layer that is studied; empty is the method's own.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    NotFound
        When there is no such method.
    InvalidInput
        For a source, a parameter, a filter or a title that is not allowed.
    """
    require_planner(viewer)
    asked = method_of(method)
    if len(title) > TITLE_LENGTH:
        message = gettext("The title has %(length)s characters; at most %(most)s can be kept.")
        values = {"length": len(title), "most": TITLE_LENGTH}
        raise InvalidInput(message % values, field="title")
    narrowed = asked.parse_filters(filters or {})
    asked.check_source(source or asked.source, narrowed)
    return Study.objects.create(
        title=title.strip() or asked.title,
        method=asked.slug,
        source=source or asked.source,
        parameters=asked.parse(parameters or {}),
        filters=narrowed,
        owner_id=viewer.user_id,
    )

"""Brings the base data of ``fixtures/`` into the database; running it again changes nothing."""

from django.db import transaction

from fixtures import base
from layers.models import AreaKind, City
from reports.models import Category


@transaction.atomic
def load_base() -> int:
    """Store kinds of areas and categories; return how many categories there are.

    A category keeps its key by code; its class changes for new reports only.
    """
    for kind in base.area_kinds():
        AreaKind.objects.update_or_create(
            slug=kind.code, defaults={"title": kind.title, "title_plural": kind.plural}
        )
    City.objects.get_or_create(id=1, defaults={"name": "CivicGrid", "ward_kind_id": "ward"})
    families = [family.code for family in base.families()]
    for place, category in enumerate(base.categories()):
        Category.objects.update_or_create(
            code=category.code,
            defaults={
                "family": category.family,
                "title": category.title,
                "description": category.description,
                "sensitivity": int(category.sensitivity[1]),
                "open311_code": category.service_code,
                "keywords": category.looked_for_by(),
                "icon": category.icon,
                "questions": category.questions,
                "asset_kind": category.asset_kind,
                "promise_days": category.promise_days,
                "warns_of_emergency": category.warns_of_emergency,
                "kin": " ".join(category.kin),
                "order": families.index(category.family) * 100 + place,
            },
        )
    return Category.objects.count()

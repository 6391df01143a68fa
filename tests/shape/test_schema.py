# SPDX-License-Identifier: Apache-2.0
"""The tables: what a case owns is keyed by the case, and no noun's tables point into another's."""

from typing import Any

from django.apps import apps
from django.db.models import CompositePrimaryKey, Field, ForeignKey, Model, UniqueConstraint

from tests.shape.tree import nothing, nouns

KEYED_BY_ITS_OWN_VALUE = {  # uniqueness across cases: a small table each, keyed by that value
    "Case": "its one key",
    "Number": "a receipt or project number opens one case",
    "Submission": "an idempotency key is used once",
    "Latest": "one person's last case of one item: two at the same instant cannot both be opened",
    "Draft": "not a case yet; its id becomes the case's",
    "Reckoned": "a change of days off is told to running cases once",
}


def tables(label: str) -> list[type[Model]]:
    return list(apps.get_app_config(label).get_models())


def test_what_a_case_owns_is_keyed_by_the_case_first() -> None:
    owned = [model for model in tables("cases") if model.__name__ not in KEYED_BY_ITS_OWN_VALUE]
    assert owned
    nothing(f"{model.__name__}: {_key(model)}" for model in owned if _key(model)[0] not in ("case", "case_id"))


def _key(model: type[Model]) -> tuple[str, ...]:
    key = model._meta.pk
    return key.field_names if isinstance(key, CompositePrimaryKey) else (key.name if key else "",)


def test_nothing_is_unique_across_cases_but_in_its_own_table() -> None:
    found = []
    for model in tables("cases"):
        for rule in model._meta.constraints:
            if isinstance(rule, UniqueConstraint) and not {"case", "case_id"} & set(rule.fields):
                found.append(f"{model.__name__}: {rule.name}")
        found += [
            f"{model.__name__}: {field.name}" for field in _fields(model) if field.unique and not field.primary_key
        ]
    nothing(found)


def _fields(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.get_fields() if isinstance(field, Field)]


def test_no_table_points_into_another_noun() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for noun in nouns()
        for model in tables(noun.name)
        for field in _fields(model)
        if isinstance(field, ForeignKey) and field.related_model._meta.app_label != noun.name
    ]
    nothing(found)


def test_every_table_is_named_after_its_noun() -> None:
    found = [
        m._meta.db_table for noun in nouns() for m in tables(noun.name) if not m._meta.db_table.startswith(noun.name)
    ]
    nothing(found)

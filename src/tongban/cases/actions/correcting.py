# SPDX-License-Identifier: Apache-2.0
"""Correcting single fields of a form: checked where it is handed in, kept alike at every node that has the case."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tongban.cases.application import check_form
from tongban.cases.chain import Told
from tongban.cases.errors import ChainForged, FormRefused
from tongban.cases.queries.held import Held
from tongban.cases.said import by_field, told
from tongban.cases.sealed import envelope_context, open_envelope
from tongban.catalogue import filling
from tongban.catalogue.filling import Day
from tongban.catalogue.queries import item_cached
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.vault import keys


def tidied(held: Held, stated: dict[str, str], at: datetime) -> dict[str, str]:
    """The facts with the fields that really change, as they are kept. FormRefused for one that is not as asked."""
    if "corrected" not in stated:
        return stated
    kept, item = open_envelope(held), item_cached(held.task_code, held.item_version).item
    fields = {field.name: field for field in item.form}
    form: Mapping[str, str] = kept["form"]
    values = {name: filling.tidied(fields[name], value) for name, value in by_field(stated["corrected"]).items()}
    try:
        check_form(item, kept["answers"], {**form, **values}, Day(local_date(at), here().demo))
    except FormRefused as no:
        if wrong := {name: sentence for name, sentence in no.errors.items() if name in values}:
            raise FormRefused(wrong) from None
    changed = told({name: value for name, value in values.items() if value != form.get(name, "")})
    rest = {name: fact for name, fact in stated.items() if name != "corrected"}
    return rest | ({"corrected": changed} if changed else {})


def corrected(held: Held, lines: Iterable[Told]) -> dict[str, Any]:
    """The envelope as these lines leave it; what stood in the form before is kept beside it. Mostly nothing."""
    said = [text for each in lines if (text := each.facts.get("stated", {}).get("corrected"))]
    if not said:
        return {}
    kept = open_envelope(held)
    for text in said:
        try:
            values = by_field(str(text))
        except ValueError as wrong:
            raise ChainForged() from wrong
        kept.setdefault("corrected", []).append({name: kept["form"].get(name) for name in values})
        kept["form"] |= values
    return {"sealed": keys.seal(held.key, canonical(kept), envelope_context(held.id))}

# SPDX-License-Identifier: Apache-2.0
"""What was entered into a form, as it is kept: sums in yuan become fen, ticks a list, places their code, rows JSON."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.http import QueryDict

from tongban.cases.queries.fields import FieldView
from tongban.catalogue.filling import told_rows
from tongban.catalogue.forms import MOST_ROWS
from tongban.regions import queries as regions
from tongban.standards import identifiers

SEEN = "seen-"  # of the names of hidden fields: what stood in a field when its page was made
MORE = "more"  # the button that makes room for another row: its value is the field
_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")


def entered(fields: Iterable[FieldView], given: QueryDict) -> dict[str, str]:
    """What was entered into these fields; what cannot be read as it should stays as it was typed."""
    return {field.name: _entered(field, given) for field in fields}


def seen(fields: Iterable[FieldView], given: QueryDict) -> dict[str, str]:
    """What stood in the fields when their page was made."""
    names = (field.name for field in fields)
    return {name: given.get(f"{SEEN}{name}", "") for name in names if f"{SEEN}{name}" in given}


def _entered(field: FieldView, given: QueryDict) -> str:
    if field.type == "choices":
        return ",".join(given.getlist(field.name))
    if field.type == "rows":
        return told_rows([row for row in _rows(field, given) if row is not None])
    text = given.get(field.name, "")
    if field.type == "money":
        return fen(text)
    return _region(text) if field.type == "region" else text


def _rows(field: FieldView, given: QueryDict) -> Iterator[dict[str, str] | None]:
    for number in range(MOST_ROWS + 1):
        cells = {each.name: given.get(f"{field.name}.{number}.{each.name}", "").strip() for each in field.columns}
        sums = {each.name for each in field.columns if each.type == "money"}
        told = {name: fen(text) if name in sums else text for name, text in cells.items() if text}
        yield None if f"{field.name}.{number}.-" in given else told


def fen(text: str) -> str:
    """A sum in yuan as fen; what is none stays as it is, and is refused because it is no number."""
    plain = re.sub(r"[\s,，]|元$|^[¥￥]", "", identifiers.tidy(text))
    found = _YUAN.fullmatch(plain)
    if found is None:
        return text if not text.strip().isdigit() else f"{text.strip()} 元"
    return str(int(Decimal(plain) * 100))


def in_yuan(kept: str) -> str:
    """A sum for its input; what could not be read is shown as it was typed."""
    return (
        f"{int(kept) // 100}.{int(kept) % 100:02d}".removesuffix(".00") if kept.isascii() and kept.isdigit() else kept
    )


def _region(text: str) -> str:
    """The code of a place that was written out; what is not found stays as it is."""
    plain = re.sub(r"\s", "", identifiers.tidy(text))
    if not plain or plain.isdigit() or len(plain) > 60:
        return plain
    return regions.code_of(plain) or plain

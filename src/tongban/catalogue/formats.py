# SPDX-License-Identifier: Apache-2.0
"""How an item's document grows: what is new is left out while it says nothing, and what is unknown is left aside."""

from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

# What a document of format 1 may hold, by structure; every other field is written only where it says something.
FIRST = {
    name: frozenset(fields.split())
    for name, fields in {
        "ItemContent": """name basic_code task_code item_type mode mode_basis publisher served scope project_type
            apply_forms summary conditions materials questions form limits fee visits visit_reason window result phone
            complaint_phone law steps faq assumptions examination two_persons correction extension entrusted parts""",
        "Material": "code name necessity form source issuer accept_note max_bytes types",
        "Option": "code text materials ends advice",
        "Question": "code text options help only_if",
        "Field": "name label type required max personal help choices prefill",
        "Charge": "name fen basis",
        "Fee": "charged basis lines note",
        "Examination": "code name after limit persons apart_from basis",
        "Result": "name type template sample",
    }.items()
}

# What came with format 3, beside it: types of fields and what prefills them.
THIRD = {
    name: frozenset(fields.split())
    for name, fields in {
        "ItemContent": "sections",
        "Option": "conditions",
        "Field": "section only_if checks locked columns",
        "Paper": "licence_name resource resource_code resource_from visits visit_reason blank_file sample_file",
    }.items()
}
# What came with format 4: how surely an applicant must be known, and what a company's applications begin with.
FOURTH = frozenset({"assurance"})
COMPANY_PREFILLS = frozenset({"company.name", "company.code"})
OLD_TYPES = frozenset({"text", "textarea", "date", "choice", "phone"})
OLD_PREFILLS = frozenset({"", "person.name", "person.id_number", "person.phone"})
FIFTH = "payment"  # what came with format 5: how the fee of a case is paid
FORMAT = 5  # what this program writes at most


def without_unsaid(value: object, plain: Any) -> Any:
    """The plain form of a structure without the later fields that are at their default."""
    if isinstance(value, msgspec.Struct):
        first, later = _fields(type(value))
        kept = {name: without_unsaid(getattr(value, name), plain[name]) for name in first if name in plain}
        for name, default in later:
            if name in plain and (told := getattr(value, name)) != default:
                kept[name] = without_unsaid(told, plain[name])
        return kept
    if isinstance(value, tuple):
        return [without_unsaid(one, told) for one, told in zip(value, plain, strict=True)]
    return plain


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, ...], tuple[tuple[str, object], ...]]:
    """The fields that are always written, and the later ones with their defaults."""
    first = FIRST.get(struct.__name__)
    fields = msgspec.structs.fields(struct)
    always = tuple(field.name for field in fields if first is None or field.name in first)
    return always, tuple((field.name, _default(field)) for field in fields if field.name not in always)


def format_of(plain: dict[str, Any]) -> int:
    """The first format that has a place for all that the document says."""
    if FIFTH in plain["fee"]:
        return 5
    if plain.keys() & FOURTH or any(one.get("prefill", "") in COMPANY_PREFILLS for one in plain["form"]):
        return 4
    if _has_third(plain):
        return 3
    return 2 if _has_later(plain) else 1


def _has_third(plain: dict[str, Any]) -> bool:
    fields, options = plain["form"], [one for question in plain["questions"] for one in question["options"]]
    papers = [one["more"] for one in plain["materials"] if one.get("more")]
    parts = {"ItemContent": [plain], "Field": fields, "Option": options, "Paper": papers}
    if any(one.keys() & THIRD[kind] for kind, ones in parts.items() for one in ones):
        return True
    return any(one["type"] not in OLD_TYPES or one.get("prefill", "") not in OLD_PREFILLS for one in fields)


def known_to(value: Any, kind: Any) -> Any:
    """The value without the words that this structure has no place for, at any depth."""
    struct = _struct_in(kind)
    if struct is not None and isinstance(value, dict):
        hints = _hints(struct)
        return {name: known_to(told, hints[name]) for name, told in value.items() if name in hints}
    inner = _inner(kind)
    return [known_to(one, inner) for one in value] if inner is not None and isinstance(value, list) else value


@cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(struct)


def _has_later(plain: dict[str, Any]) -> bool:
    lists = {"materials": "Material", "form": "Field", "questions": "Question", "examination": "Examination"}
    if plain.keys() - FIRST["ItemContent"] - {"format"}:
        return True
    inside = [(kind, one) for name, kind in lists.items() for one in plain[name]]
    inside += [("Option", one) for question in plain["questions"] for one in question["options"]]
    inside += [("Charge", one) for one in plain["fee"]["lines"]] + [("Fee", plain["fee"]), ("Result", plain["result"])]
    return any(one.keys() - FIRST[kind] for kind, one in inside)


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The structure that a type hint is of, behind Annotated and `| None`."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) is tuple:
        return None
    return next((found for arg in get_args(kind) if (found := _struct_in(arg)) is not None), None)


def _inner(kind: Any) -> Any:
    """What a list's members are, behind Annotated."""
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    return next((found for arg in get_args(kind) if (found := _inner(arg)) is not None), None)

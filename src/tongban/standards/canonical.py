# SPDX-License-Identifier: Apache-2.0
"""One way to write a value as bytes (RFC 8785), so that a digest means the same at every node."""

import json
import re
from typing import Any, NoReturn

import msgspec

LARGEST = 2**53 - 1  # RFC 7493 §2.2: beyond this a reader in another language may round
DEEPEST = 64  # more nesting than any message of ours; also ends a value that contains itself

_FLAT = frozenset((str, int, bool, type(None)))
_LONG_NUMBER = re.compile(rb"(?:^|[:,\[])-?[0-9]{16}")  # perhaps beyond LARGEST: looked at again
_DIGITS_TO_0 = bytes.maketrans(b"123456789", b"000000000")  # most bodies hold no 16 digits in a row
_sorted = msgspec.json.Encoder(order="sorted")  # by code point; strings are escaped as RFC 8785 §3.2.2.2 says
_as_given = msgspec.json.Encoder()
_fast_reader = msgspec.json.Decoder()


class NotCanonical(ValueError):
    """This value or these bytes have no canonical form with us; the sentence says why."""


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of str, int, bool, None, list and dict; NotCanonical for anything else."""
    astral = _check(value, DEEPEST)
    try:
        data = _as_given.encode(_in_utf16_order(value)) if astral else _sorted.encode(value)
    except (UnicodeEncodeError, OverflowError, TypeError) as why:
        raise NotCanonical(str(why)) from why
    if b"0000000000000000" in data.translate(_DIGITS_TO_0) and _LONG_NUMBER.search(data):
        _check_numbers(value)
    return data


def parse(data: bytes, *, strict: bool = False) -> Any:
    """The value of JSON bytes; NotCanonical for a key said twice, a float, a number beyond LARGEST.

    With `strict` also for every spelling but the canonical one.
    """
    if strict:
        return _parse_strictly(data)
    try:
        value = _reader.decode(data.decode())
    except (RecursionError, UnicodeDecodeError, json.JSONDecodeError) as why:
        raise NotCanonical(f"not JSON: {why}") from why
    if b"\\u" in data:
        canonical(value)  # an escape may hide half of a surrogate pair
    return value


def _parse_strictly(data: bytes) -> Any:
    """Writing the value again proves everything at once, so the fast reader will do."""
    try:
        value = _fast_reader.decode(data)
    except (RecursionError, ValueError) as why:
        raise NotCanonical(f"not JSON: {why}") from why
    if canonical(value) != data:
        raise NotCanonical("RFC 8785 writes the same value another way")
    return value


def _check(value: object, depth: int) -> bool:
    """Whether a key somewhere needs UTF-16 order. Every message passes here, so it is written for speed."""
    kind = type(value)
    if kind in _FLAT:
        return False
    if kind is dict or kind is list:
        return _check_inside(value, depth)
    if isinstance(value, str | int):  # an enumeration stored by name
        return False
    raise NotCanonical(f"{kind.__name__} cannot be written: only str, int, bool, None, list and dict")


def _check_inside(value: Any, depth: int) -> bool:
    if not depth:
        raise NotCanonical(f"nested more than {DEEPEST} deep")
    if type(value) is dict:
        astral, inside = _has_astral_key(value), value.values()
    else:
        astral, inside = False, value
    if _FLAT.issuperset(map(type, inside)):
        return astral
    return any([_check(i, depth - 1) for i in inside if type(i) not in _FLAT]) or astral  # noqa: C419 (all of them)


def _has_astral_key(keys: dict[Any, Any]) -> bool:
    """Whether code point order and UTF-16 order may disagree on these keys."""
    try:
        joined = "".join(keys)
    except TypeError as why:
        raise NotCanonical("a key is not a string") from why
    return not joined.isascii() and max(joined) > "\uffff"


def _check_numbers(value: object) -> None:
    if isinstance(value, int):
        _check_number(value)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            _check_numbers(item)


def _check_number(value: int) -> None:
    if not -LARGEST <= value <= LARGEST:
        raise NotCanonical("a whole number beyond 2^53-1 cannot be written")


def _in_utf16_order(value: Any) -> Any:
    """The same value, keys in the order of RFC 8785 §3.2.3."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be", "surrogatepass"))
        return {key: _in_utf16_order(value[key]) for key in keys}
    return [_in_utf16_order(item) for item in value] if isinstance(value, list) else value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise NotCanonical("the same key stands twice in one object")
    return read


def _whole(digits: str) -> int:
    number = int(digits) if len(digits) < 18 else LARGEST + 1
    _check_number(number)
    return number


def _no_float(digits: str) -> NoReturn:
    raise NotCanonical(f"{digits[:20]} is not a whole number")


_reader = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole, parse_float=_no_float, parse_constant=_no_float)

# SPDX-License-Identifier: Apache-2.0
"""One way to write a value as bytes (RFC 8785), so that a digest means the same at every node."""

import json
from typing import Any, NoReturn

import msgspec

LARGEST = 2**53 - 1  # RFC 7493 §2.2: beyond this a reader in another language may round
DEEPEST = 64  # more nesting than any message of ours; also ends a value that contains itself

_FLAT = frozenset((str, int, bool, type(None)))
_RUN = b"0" * 16
_DIGITS_TO_0 = bytes.maketrans(b"123456789", b"000000000")
_sorted = msgspec.json.Encoder(order="sorted")  # by code point; strings are escaped as RFC 8785 §3.2.2.2 says
_as_given = msgspec.json.Encoder()
_fast_reader = msgspec.json.Decoder()


class NotCanonical(ValueError):
    """This value or these bytes have no canonical form with us; the sentence says why."""


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of str, int, bool, None, list and dict; NotCanonical for anything else."""
    astral = _check(value)
    try:
        data = _as_given.encode(_in_utf16_order(value)) if astral else _sorted.encode(value)
    except (UnicodeEncodeError, OverflowError, TypeError) as why:
        raise NotCanonical(str(why)) from why
    if _may_hold_long_number(data):
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


def _check(value: object) -> bool:
    """Whether a key somewhere needs UTF-16 order. Every message passes here, so it is one loop, level by level."""
    keys: list[str] = []
    level = [value]
    for _ in range(DEEPEST):
        inside: list[object] = []
        for each in level:
            kind = type(each)
            if kind is dict:
                keys += each  # type: ignore[arg-type]
                inside += [i for i in each.values() if type(i) not in _FLAT]  # type: ignore[attr-defined]
            elif kind is list:
                inside += [i for i in each if type(i) not in _FLAT]  # type: ignore[attr-defined]
            elif kind not in _FLAT and not isinstance(each, str | int):  # an enumeration is stored by name
                raise NotCanonical(f"{kind.__name__} cannot be written: only str, int, bool, None, list and dict")
        if not inside:
            return _has_astral(keys)
        level = inside
    raise NotCanonical(f"nested more than {DEEPEST} deep")


def _has_astral(keys: list[str]) -> bool:
    """Whether code point order and UTF-16 order may disagree on these keys."""
    try:
        joined = "".join(keys)
    except TypeError as why:
        raise NotCanonical("a key is not a string") from why
    return not joined.isascii() and max(joined) > "\uffff"


def _may_hold_long_number(data: bytes) -> bool:
    """Whether 16 digits in a row begin where a number may begin: perhaps beyond LARGEST, so it is looked at again."""
    digits = data.translate(_DIGITS_TO_0)
    at = digits.find(_RUN)
    while at >= 0:
        before = data[at - 2 : at - 1] if data[at - 1 : at] == b"-" else data[at - 1 : at]
        if not before or before in b":,[":
            return True
        at = digits.find(_RUN, at + len(_RUN))
    return False


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

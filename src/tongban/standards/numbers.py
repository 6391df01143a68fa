# SPDX-License-Identifier: Apache-2.0
"""The two numbers of a case, 收件编号 and 办件编号: our own layout, since no national one is published."""

import re
from dataclasses import dataclass
from datetime import date

LONGEST_PROJECT_NO = 50  # GB/T 39046-2020 tables 5 to 8: an..50
LONGEST_RECEIPT_NO = 32

_RECEIPT = re.compile(r"([0-9]{6})([0-9]{8})([0-9]{7,17})([0-9])")
_PROJECT = re.compile(r"([0-9A-Z]{31})([0-9]{8})([0-9]{4,11})")


@dataclass(frozen=True)
class ReceiptNo:
    """A receipt number taken apart."""

    region: str
    day: date
    serial: int


@dataclass(frozen=True)
class ProjectNo:
    """A project number taken apart."""

    task_code: str
    day: date
    serial: int


def receipt_no(region: str, day: date, serial: int) -> str:
    """收件编号: region of intake, day, serial of a sequence, check digit; 22 digits or more. ValueError."""
    body = f"{region}{day:%Y%m%d}{_serial(serial, 7)}"
    number = body + mod_11_10(body)
    if read_receipt_no(number) is None:
        raise ValueError(f"no receipt number can be made of {region!r}, {day}, {serial}")
    return number


def project_no(task_code: str, day: date, serial: int) -> str:
    """办件编号: implementation code, day, serial of a sequence; 43 to 50 characters. ValueError."""
    number = f"{task_code}{day:%Y%m%d}{_serial(serial, 4)}"
    if read_project_no(number) is None:
        raise ValueError(f"no project number can be made of {task_code!r}, {day}, {serial}")
    return number


def read_receipt_no(text: str) -> ReceiptNo | None:
    """The parts of a receipt number; None when it is none or a digit was mistyped."""
    found = _RECEIPT.fullmatch(text) if len(text) <= LONGEST_RECEIPT_NO else None
    if found is None or mod_11_10(text[:-1]) != text[-1]:
        return None
    day = _day(found[2])
    return ReceiptNo(found[1], day, int(found[3])) if day else None


def read_project_no(text: str) -> ProjectNo | None:
    """The parts of one of our project numbers; None for any other, which may still be a foreign one."""
    found = _PROJECT.fullmatch(text)
    day = _day(found[2]) if found else None
    return ProjectNo(found[1], day, int(found[3])) if found and day else None


def looks_like_receipt_no(text: str) -> bool:
    """Whether a search for this text should look among receipt numbers."""
    return read_receipt_no(text) is not None


def looks_like_project_no(text: str) -> bool:
    """Whether a search for this text should look among project numbers."""
    return read_project_no(text) is not None


def mod_11_10(digits: str) -> str:
    """The check digit of ISO 7064 MOD 11,10: finds every wrong digit and most neighbours exchanged."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _serial(serial: int, width: int) -> str:
    if serial < 1:
        raise ValueError("a serial begins with 1")
    return f"{serial:0{width}d}"


def _day(digits: str) -> date | None:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None

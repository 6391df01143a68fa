# SPDX-License-Identifier: Apache-2.0
"""The identifier of an electronic licence (电子证照标识, GB/T 36904) and its check character. Pure."""

import re
from dataclasses import dataclass

from tongban.standards.identifiers import is_credit_code

ROOT = "1.2.156.3005.2"  # the arc of electronic licences
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

TYPE = re.compile(r"[0-9A-Z]{21}")  # credit code of who defined the type, then three digits or letters
ISSUER = re.compile(r"[0-9A-Z]{18}|[0-9]{6}")  # stock licences carry an area code here
SERIAL = re.compile(r"[0-9A-Z]{1,20}")
VERSION = re.compile(r"(?!000)[0-9]{3}")


@dataclass(frozen=True)
class Identifier:
    """The parts between the root and the check character."""

    type_code: str
    issuer: str
    serial: str
    version: str = "001"

    def __str__(self) -> str:
        parts = (self.type_code, self.issuer, self.serial, self.version)
        return ".".join((ROOT, *parts, check_character("".join(parts))))


def check_character(text: str) -> str:
    """ISO 7064 MOD 37,36 over digits and capital letters. ValueError for any other character."""
    rest = 36
    for character in text:
        rest = (rest + ALPHABET.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return ALPHABET[(37 - rest) % 36]


def compose(type_code: str, issuer: str, serial: str, version: int = 1) -> Identifier:
    """An identifier of these parts. ValueError when one has not the form of GB/T 36904.

    What is issued today names its issuer, and who defined its type, by a credit code whose check character is right.
    """
    made = Identifier(type_code, issuer, serial, f"{version:03d}")
    if not (_well_formed(made) and is_credit_code(issuer) and is_credit_code(type_code[:18])):
        raise ValueError("this is not the form of an identifier of GB/T 36904")
    return made


def parse(text: str) -> Identifier | None:
    """The parts of a written identifier; None when its form or its check character is wrong."""
    head, _, rest = text[: len(ROOT) + 1], None, text[len(ROOT) + 1 :].split(".")
    if head != f"{ROOT}." or len(rest) != 5:
        return None
    made = Identifier(*rest[:4])
    return made if _well_formed(made) and str(made) == text else None


def _well_formed(made: Identifier) -> bool:
    forms = ((TYPE, made.type_code), (ISSUER, made.issuer), (SERIAL, made.serial), (VERSION, made.version))
    return all(form.fullmatch(part) for form, part in forms)

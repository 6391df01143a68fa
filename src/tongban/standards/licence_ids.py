# SPDX-License-Identifier: Apache-2.0
"""电子证照标识 (GB/T 36904): the identifier of one version of one electronic licence, with its check character."""

import re
from dataclasses import dataclass

from tongban.standards.identifiers import is_credit_code

ROOT = "1.2.156.3005.2"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IDENTIFIER = re.compile(r"([0-9A-Z]{18}[0-9]{3})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]{1,20})\.([0-9]{3})\.([0-9A-Z])")


@dataclass(frozen=True)
class LicenceId:
    """An identifier taken apart. The issuer is a credit code; in imported ones also a region code."""

    type_code: str
    issuer: str
    serial: str
    version: int

    def __str__(self) -> str:
        body = f"{self.type_code}.{self.issuer}.{self.serial}.{self.version:03d}"
        return f"{ROOT}.{body}.{mod_37_36(body.replace('.', ''))}"


def make_licence_id(type_code: str, issuer: str, serial: str, version: int = 1) -> str:
    """The identifier from its parts; the version begins with 1. ValueError when one is not possible."""
    made = str(LicenceId(type_code, issuer, serial, version))
    if not is_credit_code(issuer) or not is_credit_code(type_code[:18]) or not 1 <= version <= 999:
        raise ValueError(f"no licence identifier can be made of {type_code!r}, {issuer!r}, {version}")
    if read_licence_id(made) is None:
        raise ValueError(f"no licence identifier can be made with serial {serial!r}")
    return made


def read_licence_id(text: str) -> LicenceId | None:
    """The parts of an identifier, with or without the root before it; None when it is none or mistyped."""
    body = text.removeprefix(f"{ROOT}.")
    found = _IDENTIFIER.fullmatch(body)
    if found is None or mod_37_36(body[:-1].replace(".", "")) != body[-1]:
        return None
    return LicenceId(found[1], found[2], found[3], int(found[4]))


def mod_37_36(text: str) -> str:
    """The check character of ISO 7064 MOD 37,36 over digits and capital letters. ValueError for others."""
    product = 36
    for char in text:
        product = ((product + _ALPHABET.index(char)) % 36 or 36) * 2 % 37
    return _ALPHABET[(37 - product) % 36]

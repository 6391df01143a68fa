# SPDX-License-Identifier: Apache-2.0
"""The container of an OFD (GB/T 33190): a ZIP that can be written in one way only, so that no byte of it is free."""

import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold: when it was made stands in the signature
MOST = 2000  # entries
MAX_BYTES = 20_000_000
MAGIC = b"PK\x03\x04"


class NotAPackage(ValueError):
    """These bytes are no such container, or not written as ours are."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """The container, entries in this order, nothing compressed: another zlib would write other bytes."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as container:
        for name, data in files.items():
            entry = ZipInfo(name, FIRST)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            container.writestr(entry, data)
    return made.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The entries in their order. NotAPackage for every byte that `pack` would have written otherwise."""
    try:
        with ZipFile(BytesIO(data)) as container:
            entries = container.infolist()
            if len(entries) > MOST or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise NotAPackage("too much in it")
            files = {entry.filename: container.read(entry) for entry in entries}
    except (BadZipFile, ValueError, EOFError, OSError, RuntimeError, zlib.error) as why:
        raise NotAPackage(str(why)) from why
    if len(files) != len(entries) or pack(files) != data:
        raise NotAPackage("written in another way")
    return files

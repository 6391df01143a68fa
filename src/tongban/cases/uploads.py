# SPDX-License-Identifier: Apache-2.0
"""Files that applicants give: real type by content, never by name. Pure."""

from collections.abc import Iterable, Iterator

from tongban.cases.errors import FileRefused
from tongban.catalogue.content import Material

MAGIC = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
SPOKEN = {"application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG"}
LONGEST_NAME = 120  # characters


def media_type(start: bytes) -> str | None:
    """The type that the first bytes show; None when it is none we take."""
    return next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None)


def checked_type(requirement: Material, start: bytes) -> str:
    """The type of a file for this requirement. FileRefused names what may be given instead."""
    if not start:
        raise FileRefused(field=requirement.code, why="这个文件是空的，请重新选择。")
    kind = media_type(start)
    if kind is None or kind not in requirement.types:
        may = "、".join(SPOKEN[each] for each in requirement.types)
        raise FileRefused(field=requirement.code, why=f"请上传 {may} 格式的文件。")
    return kind


def bounded(requirement: Material, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes; FileRefused as soon as they are more than the requirement allows."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        _not_more(requirement, size)
        yield chunk


def fits(requirement: Material, size: int) -> None:
    """FileRefused for a file of this size that is empty or more than the requirement allows."""
    if size <= 0:
        raise FileRefused(field=requirement.code, why="这个文件是空的，请重新选择。")
    _not_more(requirement, size)


def _not_more(requirement: Material, size: int) -> None:
    if size > requirement.max_bytes:
        most = _spoken(requirement.max_bytes)
        raise FileRefused(field=requirement.code, why=f"文件超过 {most}，请压缩后再上传。")


def _spoken(size: int) -> str:
    """A limit as people say it, rounded down."""
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} KB"


def tidy_name(filename: str) -> str:
    """A file's name without folders and control characters, short enough to show."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    if not name.isprintable():
        name = "".join(sign for sign in name if sign.isprintable())
    shown = name.strip()
    return shown[-LONGEST_NAME:] or "未命名"

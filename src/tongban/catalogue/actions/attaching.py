# SPDX-License-Identifier: Apache-2.0
"""Bringing a blank form or a sample for a material of a draft; the file is named by its digest and kept here."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.catalogue import queries
from tongban.catalogue.actions.drafting import edit
from tongban.catalogue.errors import PaperRefused
from tongban.catalogue.models import Draft, ItemFile
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound

MOST = 5_000_000  # bytes
OFFICE = "application/vnd.openxmlformats-officedocument"
MAGIC = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
ENDINGS = {".docx": f"{OFFICE}.wordprocessingml.document", ".xlsx": f"{OFFICE}.spreadsheetml.sheet"}


@transaction.atomic
def attach(
    draft_id: UUID,
    material: str,
    which: str,
    name: str,
    chunks: Iterable[bytes],
    *,
    revision: int,
    actor: Actor,
    at: datetime,
) -> Draft:
    """Put the file in place of the one that was there. PaperRefused for a wrong type, an empty or a too large one."""
    data = _bounded(chunks)
    kind = _type(name, data)
    found = queries.draft(draft_id, actor)
    papers: list[dict[str, Any]] = [dict(each) for each in found.words.get("materials", ())]
    wanted = next((each for each in papers if each.get("code") == material), None)
    if wanted is None or which not in queries.WHICH:
        raise NotFound(what="这项申请材料")
    told = {"name": _shown(name), "digest": sha256(data).hexdigest(), "size": len(data), "type": kind}
    wanted["more"] = {**(wanted.get("more") or {}), which: told}
    edited = edit(draft_id, {"materials": papers}, revision=revision, actor=actor, at=at)
    row = {"organization": actor.organization, "media_type": kind, "data": data, "added_at": at}
    ItemFile.objects.get_or_create(digest=told["digest"], defaults=row)
    return edited


def _bounded(chunks: Iterable[bytes]) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > MOST:
            raise PaperRefused(why=f"文件超过 {MOST // 1_000_000} MB，请压缩后再上传。")
    if not data:
        raise PaperRefused(why="这个文件是空的，请重新选择。")
    return bytes(data)


def _type(name: str, data: bytes) -> str:
    """By what it holds; office documents are all archives, so there the name decides."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if data.startswith(b"PK\x03\x04") and ending in ENDINGS:
        return ENDINGS[ending]
    raise PaperRefused(why="请上传 PDF、Word（.docx）、Excel（.xlsx）、JPG 或 PNG 文件。")


def _shown(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-120:] or "未命名"

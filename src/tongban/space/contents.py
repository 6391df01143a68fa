# SPDX-License-Identifier: Apache-2.0
"""All that this node has of a person, as one ZIP: a JSON document, their files, and a page that says what it is."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongban.cases.queries.own import cases_of, drafts_of, files_of
from tongban.identity.queries.own import data_of
from tongban.standards.actor import Actor
from tongban.standards.node import here

README = """{node}保存的您的个人数据，整理于 {at:%Y-%m-%d %H:%M}（世界协调时）。

data.json 里有：您的身份信息和实名依据，登录记录，授权和代办，谁看过您的信息，您的办件（含申请表）和草稿。
“材料”文件夹里有：您在各办件和草稿中提交的材料文件，按收件编号分开；还没有传到本网站的不在其中。
文书和证明文件请在各办件的页面下载。密码不在其中：本网站只保存不能还原的摘要。
其他省的网站保存的内容，请在那里另行申请。
"""


class _Sink:
    """Takes what the archive writes until somebody takes it away."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        """All of it, once."""
        held, self._held = bytes(self._held), bytearray()
        return held


def gather(person: UUID, actor: Actor, at: datetime) -> Iterator[bytes]:
    """The ZIP, piece by piece; of the files never more than one piece is held."""
    told = {"node": here().code, "at": at} | data_of(person) | {"cases": cases_of(actor), "drafts": drafts_of(actor)}
    sink: Any = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=1, default=_plain))
        archive.writestr("说明.txt", README.format(node=here().name, at=at))
        for name, chunks in files_of(actor):
            with archive.open(f"材料/{name}", "w", force_zip64=True) as into:
                for piece in chunks:
                    into.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)

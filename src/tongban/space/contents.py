# SPDX-License-Identifier: Apache-2.0
"""All that this node has of a person, as one ZIP: a JSON document, and a page that says what it is."""

import json
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from tongban.cases.queries.own import cases_of, drafts_of
from tongban.identity.queries.own import data_of
from tongban.standards.actor import Actor
from tongban.standards.node import here

README = """{node}保存的您的个人数据，整理于 {at:%Y-%m-%d %H:%M}（世界协调时）。

data.json 里有：您的身份信息和实名依据，登录记录，授权和代办，谁看过您的信息，您的办件（含申请表）和草稿。
材料原件和证明文件请在各办件的页面下载。密码不在其中：本网站只保存不能还原的摘要。
其他省的网站保存的内容，请在那里另行申请。
"""


def gather(person: UUID, actor: Actor, at: datetime) -> bytes:
    """The ZIP."""
    told = {"node": here().code, "at": at} | data_of(person) | {"cases": cases_of(actor), "drafts": drafts_of(actor)}
    document = json.dumps(told, ensure_ascii=False, indent=1, default=_plain)
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", document)
        archive.writestr("说明.txt", README.format(node=here().name, at=at))
    return made.getvalue()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)

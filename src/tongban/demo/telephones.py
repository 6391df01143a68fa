# SPDX-License-Identifier: Apache-2.0
"""The demo's telephones: text messages go nowhere, and a page shows what each has received."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from tongban.standards import clock

KEPT = 50  # messages of all telephones
PAGE = (
    '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>演示手机</title>'
    "<main><h1>演示手机收到的短信</h1><p>演示环境不发真短信。最近的在最前，每 3 秒刷新。</p>{rows}</main></html>"
)
ROW = "<section><h2>{phone}</h2><p><small>{at}</small></p><p>{words}</p></section>"


@dataclass
class Telephones:
    """What was sent, the latest first; forgotten when the demo stops."""

    received: deque[tuple[datetime, str, str]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def take(self, body: bytes) -> bool:
        """Keep a message as a gateway is handed it. False when it is none."""
        try:
            said: Any = json.loads(body)
            phone, words = said["phone"], said["words"]
        except (ValueError, TypeError, KeyError):
            return False
        if not (isinstance(phone, str) and isinstance(words, str)):
            return False
        self.received.appendleft((clock.now(), phone, words))
        return True

    def page(self) -> bytes:
        """All of it, for a browser."""
        rows = [
            ROW.format(phone=escape(phone), at=at.astimezone(clock.SHANGHAI).strftime("%H:%M:%S"), words=escape(words))
            for at, phone, words in list(self.received)
        ]
        return PAGE.format(rows="".join(rows) or "<p>还没有短信。</p>").encode()

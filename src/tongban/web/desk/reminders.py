# SPDX-License-Identifier: Apache-2.0
"""The operator's desk for text messages and letters that did not go out."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.reminders import actions, queries
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web.visit import Visit, posted, staff

TROUBLES = {  # as channels and gateways name them
    "left": "发送时程序中断，不能确定是否发出",
    "no mail server": "本节点没有设置邮件服务器",
    "not_found": "当事人已经没有可用的号码或者邮箱",
    "key_destroyed": "办件已按期销毁，没有可用的号码",
    "SMTPRecipientsRefused": "邮件服务器不接受这个邮箱",
}


@require_safe
@staff
def stuck(request: Visit) -> HttpResponse:
    """What waits for a person."""
    return _stuck(request, {"done": "done" in request.GET})


def _stuck(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    rows = [
        (row, TROUBLES.get(row.trouble, f"对方没有接收（{row.trouble}）"))
        for row in queries.stuck(request.actor, clock.now())
    ]
    return render(request, "desk/reminders.html", {"rows": rows, "tab": "operations"} | told, status=status)


@staff
@posted(up=1)
def again(request: Visit) -> HttpResponse:
    """Send one once more."""
    named = {name: request.POST.get(name, "") for name in ("event", "recipient", "channel")}
    try:
        case_id = UUID(request.POST.get("case", ""))
    except ValueError:
        case_id = UUID(int=0)
    try:
        actions.send_again(case_id, **named, actor=request.actor, at=clock.now())
    except Refusal as no:
        return _stuck(request, {"errors": {"again": no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:reminders')}?done=1")


urlpatterns = [
    path("operations/reminders/", stuck, name="reminders"),
    path("operations/reminders/again/", again, name="reminder-again"),
]

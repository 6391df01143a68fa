# SPDX-License-Identifier: Apache-2.0
"""The operator's desk for letters that were refused, messages that were set aside, and what is missing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.exchange import actions, queries
from tongban.regions.queries import trust_list
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed, Refusal
from tongban.web.desk.operations import reason
from tongban.web.refusals import PageGone
from tongban.web.visit import Visit, posted, staff

KINDS = {
    "case.opened": "新的办件",
    "case.moved": "办件进展",
    "case.requested": "代办请求",
    "case.answered": "对请求的答复",
    "item.published": "发布的事项",
    "basic.published": "基本目录",
    "licence.standing": "证照的状态",
    "licence.type": "证照的类型",
    "licence.recognition": "电子证照互认清单",
    "ledger.head": "账本树头",
    "exchange.echo": "线路测试",
    "exchange.echoed": "线路测试的回声",
}
DONE = {
    "again": "已放回待发队列，稍后再发一次。",
    "anew": "已按新编号重新写发。",
    "hand": "已交出，并记入账本。",
    "retry": "已放回，马上重新处理。",
    "assign": "已记下由谁负责。",
}


class NobodyNamed(Refusal):
    """Handing something over needs a name."""

    code, status, says = "nobody_named", 422, "请填写交给谁处理：姓名或者机构名称。"


def letters(request: Visit) -> HttpResponse:
    """What waits for a person."""
    if request.actor.role is not Role.OPERATOR:
        raise NotAllowed()
    return _letters(request, {"done": DONE.get(request.GET.get("done", ""))})


def _letters(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    names = {code: node.name for code, node in trust_list().nodes.items()}
    shown = {
        "dead": [(row, names.get(row.recipient, row.recipient), *_words(row)) for row in queries.dead_letters()],
        "parked": [(row, names.get(row.sender, row.sender), *_words(row)) for row in queries.parked()],
        "gaps": [(row, names.get(row.sender, row.sender)) for row in queries.gaps()],
        "peers": [(node.code, node.name) for node in trust_list().peers(request.actor.node)],
        "tab": "operations",
    }
    return render(request, "desk/letters.html", shown | told, status=status)


def _words(row: queries.DeadLetter | queries.ParkedView) -> tuple[str, str]:
    """What kind of message it is, and why it waits."""
    why = row.answer if isinstance(row, queries.DeadLetter) else row.reason
    code, _, sentence = why.partition(": ")
    return KINDS.get(row.kind, row.kind), sentence or reason(code)


def settle_letter(request: Visit, message_id: UUID, how: str) -> HttpResponse:
    """Do one thing about a refused letter."""
    to = request.POST.get("to", "").strip()
    ways: dict[str, Callable[[Actor, datetime], object]] = {
        "again": lambda actor, at: actions.send_refused_again(message_id, actor=actor, at=at),
        "anew": lambda actor, at: actions.write_anew(message_id, to=to, actor=actor, at=at),
        "hand": lambda actor, at: actions.hand_letter(message_id, to=_named(to), actor=actor, at=at),
    }
    return _done(request, how, ways, f"{message_id}-{how}")


def settle_message(request: Visit, sender: str, message_id: UUID, how: str) -> HttpResponse:
    """Do one thing about a message that was set aside."""
    to = request.POST.get("to", "").strip()
    ways: dict[str, Callable[[Actor, datetime], object]] = {
        "retry": lambda actor, at: actions.try_parked_again(sender, message_id, actor=actor, at=at),
        "assign": lambda actor, at: actions.hand_parked(sender, message_id, to=_named(to), actor=actor, at=at),
    }
    return _done(request, how, ways, f"{message_id}-{how}")


def _done(request: Visit, how: str, ways: dict[str, Callable[[Actor, datetime], object]], field: str) -> HttpResponse:
    if how not in ways:
        raise PageGone()
    try:
        ways[how](request.actor, clock.now())
    except NotAllowed:
        raise
    except Refusal as no:
        return _letters(request, {"errors": {field: no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:letters')}?done={how}")


def _named(to: str) -> str:
    if not to:
        raise NobodyNamed()
    return to


urlpatterns = [
    path("operations/letters/", require_safe(staff(letters)), name="letters"),
    path("operations/letters/<uuid:message_id>/<str:how>/", staff(posted(up=2)(settle_letter)), name="settle-letter"),
    path(
        "operations/letters/<str:sender>/<uuid:message_id>/<str:how>/",
        staff(posted(up=3)(settle_message)),
        name="settle-message",
    ),
]

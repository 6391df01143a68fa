# SPDX-License-Identifier: Apache-2.0
"""A person's messages, and how they want to hear beside them."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tongban.reminders import actions, queries
from tongban.reminders.queries import Chosen
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web.visit import Visit, applicants


@never_cache
@require_safe
@applicants
def mine(request: Visit) -> HttpResponse:
    """The messages, new ones marked; whoever sees them has read them."""
    told = {"messages": queries.messages(request.actor), "chosen": queries.chosen(request.actor), "tab": "my"}
    shown = render(request, "portal/messages.html", told | {"saved": "saved" in request.GET})
    if request.method == "GET":
        actions.read_all(request.actor, clock.now())
    return shown


@never_cache
@require_POST
@applicants
def choose(request: Visit) -> HttpResponse:
    """Text messages and mail, on or off."""
    given = Chosen("sms" in request.POST, "mail" in request.POST, request.POST.get("address", "").strip()[:250])
    try:
        actions.choose(request.actor, sms=given.sms, mail=given.mail, address=given.address, at=clock.now())
    except Refusal as no:
        told = {"messages": queries.messages(request.actor), "chosen": given, "tab": "my"}
        return render(request, "portal/messages.html", told | {"errors": {"address": no.sentence}}, status=no.status)
    return HttpResponseRedirect(reverse("portal:messages") + "?saved=1")


urlpatterns = [
    path("messages/", mine, name="messages"),
    path("messages/channels/", choose, name="channels"),
]

# SPDX-License-Identifier: Apache-2.0
"""What a desk is told: new cases, what came back, what is urged."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tongban.reminders import actions, queries
from tongban.standards import clock
from tongban.web.visit import Visit, staff


@never_cache
@require_safe
@staff
def mine(request: Visit) -> HttpResponse:
    """The messages of this desk and those to oneself; whoever sees them has read them."""
    shown = render(request, "desk/messages.html", {"messages": queries.messages(request.actor), "tab": "messages"})
    if request.method == "GET":
        actions.read_all(request.actor, clock.now())
    return shown


urlpatterns = [path("messages/", mine, name="messages")]

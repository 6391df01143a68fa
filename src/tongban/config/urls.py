# SPDX-License-Identifier: Apache-2.0
"""Addresses of the pages' port: portal, desk, API and doors."""

from django.urls import include, path

from tongban.web import look
from tongban.web.api import door

urlpatterns = [  # asked from the top: programs first, they ask most
    path("api/<path:rest>", door.view),
    path("desk/", include("tongban.web.desk.urls")),
    path("", include("tongban.web.portal.urls")),
    path("look/", look.look, name="look"),
    path("", include("tongban.web.doors.urls")),
]

handler400 = "tongban.web.refusals.bad_request"
handler403 = "tongban.web.refusals.forbidden"
handler404 = "tongban.web.refusals.not_found"
handler500 = "tongban.web.refusals.failed"

# SPDX-License-Identifier: Apache-2.0
"""Addresses of the exchange's port: peers and doors, no page."""

from django.urls import include, path

from tongban.exchange import doors

urlpatterns = [
    *doors.urlpatterns,
    path("", include("tongban.web.doors.urls")),
]

handler400 = "tongban.web.refusals.bad_request"
handler403 = "tongban.web.refusals.forbidden"
handler404 = "tongban.web.refusals.not_found"
handler500 = "tongban.web.refusals.failed"

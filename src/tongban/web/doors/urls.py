# SPDX-License-Identifier: Apache-2.0
"""The same three doors on the port of pages and on that of the exchange."""

from django.urls import path

from tongban.web.doors import probes

app_name = "doors"
urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]

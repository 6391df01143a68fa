# SPDX-License-Identifier: Apache-2.0
"""Addresses of the desk."""

from django.urls import path

from tongban.web.desk import (
    agreements,
    cases,
    imports,
    intakes,
    items,
    letters,
    licences,
    list_drafts,
    lists,
    operations,
    sign_in,
    trying,
)

app_name = "desk"
urlpatterns = [
    path("", cases.worklist, name="worklist"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/moves/<str:move>/", cases.make_move, name="move"),
    path("cases/<uuid:case_id>/notices/<uuid:notice_id>/", cases.notice, name="notice"),
    path("cases/<uuid:case_id>/result/", cases.result, name="result"),
    path("cases/<uuid:case_id>/materials/<int:material>/", cases.material, name="material"),
    *intakes.urlpatterns,
    *trying.urlpatterns,
    *imports.urlpatterns,
    *items.urlpatterns,
    *list_drafts.urlpatterns,
    *lists.urlpatterns,
    *agreements.urlpatterns,
    path("operations/", operations.operations, name="operations"),
    *letters.urlpatterns,
    *licences.urlpatterns,
    *sign_in.urlpatterns,
]

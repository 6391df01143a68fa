# SPDX-License-Identifier: Apache-2.0
"""Addresses of the desk."""

from django.urls import path

from tongban.web import program_tokens
from tongban.web.desk import (
    agreements,
    audit,
    case_tables,
    cases,
    imports,
    intakes,
    items,
    letters,
    licence_types,
    licence_uses,
    licences,
    list_drafts,
    lists,
    messages,
    mine,
    operations,
    people,
    queue,
    recognition,
    reminders,
    seals,
    sign_in,
    stock,
    trying,
)
from tongban.web.visit import staff

app_name = "desk"
urlpatterns = [
    *queue.urlpatterns,
    path("cases/<str:number>/", cases.case, name="case"),
    *messages.urlpatterns,
    path("cases/<uuid:case_id>/moves/<str:move>/", cases.make_move, name="move"),
    path("cases/<uuid:case_id>/moves/<str:move>/preview/", cases.preview, name="preview"),
    path("cases/<uuid:case_id>/notices/<str:key>/", cases.notice, name="notice"),
    path("cases/<uuid:case_id>/notices/<str:key>/file/", cases.notice_file, name="notice-file"),
    path("cases/<uuid:case_id>/person", cases.show, name="case-person"),
    path("cases/<uuid:case_id>/result/", cases.result, name="result"),
    path("cases/<uuid:case_id>/materials/<int:material>/", cases.material, name="material"),
    *case_tables.urlpatterns,
    *intakes.urlpatterns,
    *trying.urlpatterns,
    *imports.urlpatterns,
    *items.urlpatterns,
    *list_drafts.urlpatterns,
    *lists.urlpatterns,
    *agreements.urlpatterns,
    path("operations/", operations.operations, name="operations"),
    *letters.urlpatterns,
    *reminders.urlpatterns,
    *stock.urlpatterns,
    *licences.urlpatterns,
    *licence_types.urlpatterns,
    *recognition.urlpatterns,
    *licence_uses.urlpatterns,
    *seals.urlpatterns,
    *sign_in.urlpatterns,
    *mine.urlpatterns,
    *people.urlpatterns,
    *audit.urlpatterns,
    *program_tokens.urlpatterns("desk", "desk/base.html", staff),
]

# SPDX-License-Identifier: Apache-2.0
"""Addresses of the portal; a receipt's QR code holds some of them, so they stay."""

from django.urls import path

from tongban.web.portal import apply, browsing, cases, confirm, items, lists, oidc, papers, search, sign_in, verify

app_name = "portal"
urlpatterns = [
    path("", items.home, name="home"),
    path("items/", search.search, name="items"),
    path("items/suggestions/", search.suggestions, name="suggestions"),
    path("items/<str:task_code>/", items.guide, name="guide"),
    path("items/<str:task_code>/versions/<int:version>/", items.guide, name="guide-version"),
    path("topics/", browsing.topics, name="topics"),
    path("topics/<str:kind>/<str:word>/", browsing.topic, name="topic"),
    path("departments/", browsing.departments, name="departments"),
    path("departments/<str:word>/", browsing.department, name="department"),
    path("regions/", browsing.places, name="regions"),
    path("regions/<str:code>/", browsing.place, name="region"),
    path("apply/<str:task_code>/", apply.start, name="start"),
    path("apply/<str:task_code>/begin/", apply.begin, name="begin"),
    path("drafts/<uuid:draft_id>/", apply.resume, name="draft"),
    path("drafts/<uuid:draft_id>/questions/<str:code>/", apply.question, name="question"),
    path("drafts/<uuid:draft_id>/stopped/", apply.stopped, name="stopped"),
    path("drafts/<uuid:draft_id>/form/", apply.form, name="form"),
    path("drafts/<uuid:draft_id>/materials/", apply.materials, name="materials"),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/add/", apply.material_add, name="material-add"),
    path("drafts/<uuid:draft_id>/materials/<str:requirement>/remove/", apply.material_remove, name="material-remove"),
    path(
        "drafts/<uuid:draft_id>/materials/<str:requirement>/licences/<uuid:licence_id>/",
        apply.material_licence,
        name="material-licence",
    ),
    path("drafts/<uuid:draft_id>/signers/", apply.signers, name="signers"),
    path("drafts/<uuid:draft_id>/signers/<int:number>/remove/", apply.signer_remove, name="signer-remove"),
    path("drafts/<uuid:draft_id>/check/", apply.check, name="check"),
    path("cases/", cases.mine, name="cases"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/receipt/", cases.receipt, name="receipt"),
    path("cases/<str:number>/result/", cases.result, name="result"),
    path("cases/<str:number>/withdraw/", cases.withdraw, name="withdraw"),
    path("cases/<str:number>/urge/", cases.urge, name="urge"),
    path("cases/<str:number>/correct/", cases.correct, name="correct"),
    path("cases/<str:number>/promise/", cases.promise, name="promise"),
    path("cases/<str:number>/withdraw-promise/", cases.withdraw_promise, name="withdraw-promise"),
    path("cases/<str:number>/supplement/", cases.supplement, name="supplement"),
    path("cases/<str:number>/report/", cases.report, name="report"),
    path("cases/<str:number>/notices/<uuid:notice_id>/", cases.notice, name="notice"),
    path("cases/<str:number>/materials/<int:material>/", cases.material, name="material"),
    path("verify/", verify.check, name="verify"),
    path("verify/answers/<uuid:question_id>/", verify.standing, name="standing"),
    path("verify/<uuid:licence_id>", verify.paper, name="paper"),
    *papers.urlpatterns,
    *confirm.urlpatterns,
    *lists.urlpatterns,
    *sign_in.urlpatterns,
    *oidc.urlpatterns,
]

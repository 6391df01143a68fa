# SPDX-License-Identifier: Apache-2.0
"""How a "no" reaches people and programs: a calm page or RFC 9457 problem details, never a bare 500."""

import sys
import traceback
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse

from tongban.database import doubt
from tongban.standards.refusal import NotFound, Refusal, SignInNeeded

TO_ONESELF = {"mandate_over", "not_covered", "not_proven", "not_served", "level_needed"}  # mended in one's own space

UNKEEPABLE = ("NUL (0x00)", "unsupported Unicode escape sequence")  # how psycopg and PostgreSQL refuse U+0000

log = structlog.get_logger("tongban.web")

# What to do now, by code; other refusals say it in their own sentence.
ADVICE = {
    "not_found": "请核对网址或编号，再重新查找。",
    "not_allowed": "如需办理，请换用有权限的账号登录，或联系本单位管理员。",
    "form_too_old": "请返回上一页，刷新后重新提交。您已保存的内容不会丢失。",
    "unkeepable": "请返回上一页，重新填写从别处粘贴来的内容，再提交。",
    "too_large": "请返回上一页，压缩文件或减少一次上传的文件后再试。已经保存的内容不会丢失。",
    "failed": "请稍后再试。已经提交成功的申请不受影响；如果多次出现，请把下面的事件编号告诉服务人员。",
    "database_away": "请过几分钟再试。已经提交的申请都已安全保存，其他地区的服务不受影响。",
}


class FormTooOld(Refusal):
    """The form's protection token does not fit: an old page, or somebody else's."""

    code, status, says = "form_too_old", 403, "这个页面打开太久，为保护您的信息，没有提交。"


class TooLarge(Refusal):
    """More bytes than one request may bring."""

    code, status, says = "too_large", 413, "一次上传的内容超过 {limit} MB，没有接收。"


class BadRequest(Refusal):
    """Nothing our pages would send."""

    code, status, says = "bad_request", 400, "收到的请求不完整或格式不对，没有处理。"


class Unkeepable(Refusal):
    """A character that no database keeps and no keyboard types; where a field of ours finds one, the field says so."""

    code, status, says = "unkeepable", 422, "填写的内容里有不能保存的控制字符，没有处理。"


class WrongMethod(Refusal):
    """The address takes another method; Allow says which."""

    code, status, says = "wrong_method", 405, "这个地址不能这样打开。"


class Failed(Refusal):
    """Our own mistake; the log knows more."""

    code, status, says = "failed", 500, "系统出了问题，这一步没有完成。"


class DatabaseAway(Refusal):
    """The node's database does not answer."""

    code, status, says = "database_away", 503, "本节点的数据库暂时连接不上，页面打不开。"


class PageGone(NotFound):
    """No such address."""

    says: ClassVar[str] = "没有这个页面，可能网址有误，或页面已经移走。"


def wants_json(request: HttpRequest) -> bool:
    """Programs get problem details: by path, or because they say so and do not ask for a page."""
    if request.path.startswith(("/api/", "/exchange/")) or settings.TONGBAN_DOOR != "pages":
        return True
    accept = request.headers.get("Accept", "")
    return "json" in accept and "text/html" not in accept


def problem(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """RFC 9457 problem details with the request's id."""
    told = refusal.problem() | {"instance": f"urn:tongban:request:{request_id_of(request)}"}
    return HttpResponse(msgspec.json.encode(told), status=refusal.status, content_type="application/problem+json")


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as this caller reads it."""
    if wants_json(request):
        response = problem(request, refusal)
    elif isinstance(refusal, SignInNeeded):
        response = _to_sign_in(request)
    else:
        response = _page(request, refusal)
    if refusal.status == 503:
        response["Retry-After"] = "30"
    return response


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    door = "desk:sign-in" if request.path.startswith("/desk/") else "portal:sign-in"
    wanted = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
    path = urlsplit(wanted)._replace(scheme="", netloc="").geturl() or "/"
    address = f"{reverse(door)}?{urlencode({'next': path})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    broken = refusal.status >= 500
    if broken:
        # The page must not ask the database who is signed in: it may be what is broken.
        request.__dict__["signed_in"] = None
    told = {
        "refusal": refusal,
        "broken": broken,
        "missing": refusal.status == 404,
        "advice": ADVICE.get(refusal.code, ""),
        "incident": request_id_of(request),
        "at_desk": request.path.startswith("/desk/"),
        "to_oneself": refusal.code in TO_ONESELF,
    }
    return render(request, "refusal.html", told, status=refusal.status)


def request_id_of(request: HttpRequest) -> str:
    """The id that logs and the peer know this request by."""
    return str(getattr(request, "request_id", ""))


def answer_exception(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The answer to whatever a view raised."""
    return answer(request, refusal_of(error))


def refusal_of(error: BaseException) -> Refusal:
    """The name of whatever was raised; what is not a refusal is written down."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Http404):
        return PageGone()
    if isinstance(error, SuspiciousOperation | MultiPartParserError):
        return BadRequest()
    if isinstance(error, OperationalError | InterfaceError):
        doubt.cast()
        log.error("database_away", error=type(error).__name__, where=_where(error))
        return DatabaseAway()
    if isinstance(error, DataError) and any(sign in str(error) for sign in UNKEEPABLE):
        return Unkeepable()
    log.error("unhandled", error=type(error).__name__, where=_where(error))
    return Failed()


def _where(error: BaseException) -> list[str]:
    # Frames without the message: a database's message may quote what a person typed.
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return answer(request, BadRequest())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return answer(request, FormTooOld())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return answer(request, PageGone())


def failed(request: HttpRequest, *_: Any) -> HttpResponse:
    """Django's handler500: reached when a middleware raised."""
    error = sys.exc_info()[1]
    return answer_exception(request, error) if error is not None else answer(request, Failed())

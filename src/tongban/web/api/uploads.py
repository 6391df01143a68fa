# SPDX-License-Identifier: Apache-2.0
"""Large files for drafts in parts, for programs: what a broken line costs is the part that was under way.

Offsets are spoken as in tus 1.0 (`Upload-Offset`, 409 for a part that does not follow), digests as in RFC 9530.
"""

from dataclasses import replace
from uuid import UUID

import msgspec
from ninja import Router

from tongban.cases import queries
from tongban.cases.actions.arriving import PART, begin_upload, end_upload, take_part, upload, uploads
from tongban.standards import clock
from tongban.standards.refusal import BadInput
from tongban.web import digests
from tongban.web.api.schemas import NewUpload, Uploads, UploadTold
from tongban.web.api.speech import (
    ONCE,
    Answer,
    Asked,
    accepts,
    actor_of,
    declared,
    heard,
    once_of,
    takes_file,
    takes_headers,
    told,
)
from tongban.web.digests import OF_PART, OF_WHOLE
from tongban.web.refusals import TooLarge

router = Router(tags=["drafts"])
OFFSET = "Upload-Offset"
MOST_DIGITS = 16
PART_OF = takes_file() | takes_headers(
    {
        OFFSET: "Where this part begins; tus 1.0.",
        OF_PART: "Of this part, as sha-256; RFC 9530.",
        OF_WHOLE: "Of the whole file, as sha-256, with its last part; RFC 9530.",
    },
    needed=(OFFSET,),
    longest=200,
)
TOLD = declared({200: UploadTold}, 401, 403, 404, 409, 422)


@router.post("", summary="Announce a large file", openapi_extra=accepts(NewUpload) | ONCE | TOLD)
def start_upload(request: Asked, draft_id: UUID) -> Answer:
    """Nothing of it is sent yet. With an Idempotency-Key it is announced once, however often the line breaks."""
    file = heard(request, NewUpload)
    begun = begin_upload(
        draft_id,
        file.requirement,
        file.filename,
        file.size,
        actor=actor_of(request),
        at=clock.now(),
        once=once_of(request),
    )
    return _told(UploadTold.of(begun))


@router.get("", summary="Files on their way", openapi_extra=declared({200: Uploads}, 401, 403, 404))
def list_uploads(request: Asked, draft_id: UUID) -> Answer:
    """What was announced and is not whole."""
    queries.draft(draft_id, actor_of(request))  # whose it is
    return told(Uploads(uploads=[UploadTold.of(each) for each in uploads(draft_id, actor=actor_of(request))]))


@router.get("/{upload_id}", summary="How far", openapi_extra=declared({200: UploadTold}, 401, 403, 404))
def show_upload(request: Asked, draft_id: UUID, upload_id: UUID) -> Answer:
    """From where to go on. 404 once it is whole: then its digest stands among the files of the draft."""
    return _told(UploadTold.of(upload(draft_id, upload_id, actor=actor_of(request))))


@router.patch(
    "/{upload_id}",
    summary="Send a part",
    openapi_extra=PART_OF | declared({200: UploadTold}, 401, 403, 404, 409, 413, 422),
)
def send_part(request: Asked, draft_id: UUID, upload_id: UUID) -> Answer:
    """The body is the part. 409 `part_out_of_step` tells in its facts from where to go on.

    With the last part the file is handed in. Without one of the digests nothing is compared with it.
    """
    actor, said = actor_of(request), request.header(OFFSET)
    if not (said.isascii() and said.isdigit() and len(said) < MOST_DIGITS):
        raise BadInput(OFFSET, f"请求头 {OFFSET} 请写这一段从第几个字节开始。")
    if request.length > PART:
        raise TooLarge(limit=PART / 1_000_000)
    before = upload(draft_id, upload_id, actor=actor)
    reached = take_part(
        draft_id,
        upload_id,
        int(said),
        b"".join(request.chunks()),
        actor=actor,
        at=clock.now(),
        of_part=digests.told(OF_PART, request.header(OF_PART)),
        of_whole=digests.told(OF_WHOLE, request.header(OF_WHOLE)),
    )
    return _told(
        msgspec.structs.replace(UploadTold.of(replace(before, offset=reached)), complete=reached == before.size)
    )


@router.delete("/{upload_id}", summary="Give it up", openapi_extra=declared({200: Uploads}, 401, 403, 404))
def drop_upload(request: Asked, draft_id: UUID, upload_id: UUID) -> Answer:
    """One that is gone already is no error. What is left on its way."""
    end_upload(draft_id, upload_id, actor=actor_of(request), at=clock.now())
    return list_uploads(request, draft_id)


def _told(found: UploadTold) -> Answer:
    return replace(told(found), headers=((OFFSET, str(found.offset)),))

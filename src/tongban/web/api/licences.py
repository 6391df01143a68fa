# SPDX-License-Identifier: Apache-2.0
"""Licences for programs: types and what is recognised of others, one's own, and existing certificates taken over."""

from uuid import UUID

from ninja import Router

from tongban.cases.queries import require_handed_over
from tongban.licences import queries
from tongban.licences.models import LicenceType, State, StockBatch
from tongban.licences.stock import actions as stock
from tongban.licences.stock.queries import batch_page
from tongban.licences.types import queries as types
from tongban.licences.types.content import read
from tongban.standards import clock
from tongban.web.api.schemas import (
    LicenceTypes,
    OwnLicence,
    OwnLicences,
    Recognised,
    RecognisedLine,
    Stock,
    StockFault,
    TypeVersion,
    TypeVersions,
)
from tongban.web.api.speech import Answer, Asked, actor_of, declared, files_declared, sent, takes_file, told
from tongban.web.files import licence as pdf

router = Router(tags=["licences"])
typing = Router(tags=["licences"], auth=None)
recognising = Router(tags=["licences"], auth=None)
stocking = Router(tags=["licences"])


@typing.get("", summary="Types of licences", openapi_extra=declared({200: LicenceTypes}))
def licence_types(request: Asked) -> Answer:
    """The newest published version of each type that this node knows."""
    return told(LicenceTypes(types=[_type(row) for row in types.newest()]))


@typing.get("/{code}", summary="One type", openapi_extra=declared({200: TypeVersions}, 404))
def licence_type(request: Asked, code: str) -> Answer:
    """Every published version, newest first; a licence keeps the version by which it was issued."""
    return told(TypeVersions(versions=[_type(row) for row in types.versions(code)]))


@recognising.get("", summary="What is recognised of others", openapi_extra=declared({200: Recognised}))
def licence_recognition(request: Asked) -> Answer:
    """The mutual recognition list in force: which types from which regions are accepted for which items, and when."""
    versions = types.recognition_lists()
    lines = [RecognisedLine(**vars(each)) for each in types.accepted_here()]
    return told(Recognised(version=versions[0].version if versions else 0, lines=lines))


@router.get("", summary="One's licences", openapi_extra=declared({200: OwnLicences}, 401))
def own_licences(request: Asked) -> Answer:
    """What this node has issued or taken over for the applicant, newest first; nobody else's."""
    today = clock.today()
    rows = [
        OwnLicence(
            id=row.id,
            name=row.name,
            number=row.number,
            identifier=row.identifier,
            issuer=row.issuer_name,
            issued_on=clock.local_date(row.issued_at),
            valid_until=row.valid_until,
            standing=queries.stands(row, today).value,
            edition=row.edition,
            has_file=row.state == State.READY,
        )
        for row in queries.own(actor_of(request))
    ]
    return told(OwnLicences(licences=rows))


@router.get("/{licence_id}/file", summary="The file of one's licence", openapi_extra=files_declared(401, 404, 409))
def own_licence_file(request: Asked, licence_id: UUID) -> Answer:
    """The sealed PDF; 409 while the fee for it is not settled."""
    row = queries.own_licence(licence_id, actor_of(request))
    require_handed_over(row, actor_of(request))
    return sent(pdf(row))


@stocking.post(
    "", summary="Take over existing certificates", openapi_extra=takes_file() | declared({202: Stock}, 401, 403, 422)
)
def take_stock(request: Asked, type: str = "", filename: str = "") -> Answer:
    """Hand over a CSV, XLSX or JSON file as the body, in the columns of the type, at most 20 MB; a worker judges it.

    Somebody else of the organization confirms it at the desk. The same file, while it is under way, is the same batch.
    """
    data = b"".join(request.chunks())
    return told(_stock(stock.begin(data, filename, type, actor=actor_of(request), at=clock.now())), status=202)


@stocking.get("/{batch_id}", summary="How far a batch is", openapi_extra=declared({200: Stock}, 401, 403, 404))
def stock_batch(request: Asked, batch_id: UUID) -> Answer:
    """Its stage, what was found new, and every fault with its row and column."""
    page = batch_page(batch_id, actor_of(request))
    return told(_stock(page.batch, page.files.get(State.READY, 0)))


def _type(row: LicenceType) -> TypeVersion:
    return TypeVersion(version=row.version, effective_from=row.effective_from, content=read(bytes(row.document)))


def _stock(row: StockBatch, sealed: int = 0) -> Stock:
    faults = [
        StockFault(sheet=cells[1], row=int(cells[2] or 0), column=cells[3], code=cells[4], says=cells[5])
        for cells in row.report
    ]
    return Stock(
        id=row.id,
        type=row.type_code,
        stage=row.stage,
        new=row.new,
        same=row.same,
        errors=row.errors,
        faults=faults,
        sealed=sealed,
        digest=row.rows_digest,
    )

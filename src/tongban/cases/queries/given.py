# SPDX-License-Identifier: Apache-2.0
"""The notices of a case as pages show them: their words stand in the lines, their sealed files beside the case."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tongban.cases import custody
from tongban.cases.custody import Party
from tongban.cases.notices import TEMPLATES, giver
from tongban.cases.queries.timeline import Line, lines_of
from tongban.cases.queries.views import FileView, NoticeView, NoticeWords
from tongban.cases.queries.whole import Whole, whole
from tongban.licences.errors import FileNotReady
from tongban.licences.models import Licence, State
from tongban.licences.queries import file as licence_file
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound
from tongban.vault import files

PDF = "application/pdf"
MADE = "已生成并签章。"
ON_ITS_WAY = "文件由{office}签章，做好后自动送到这里。"


def notice_views(found: Whole, lines: Sequence[Line]) -> tuple[NoticeView, ...]:
    """Every notice of the case, in the order in which they were given."""
    own = {row.number: row for row in found.papers if row.is_notice}
    told = [_view(found, line, words, own.pop(words["number"], None)) for line, words in _given(lines)]
    return (*told, *(notice_view(row) for row in own.values()))  # given at a window, and not confirmed yet


def notice_view(row: Licence) -> NoticeView:
    """A 文书 of this node that stands in no line."""
    return NoticeView(str(row.id), row.number, row.name, str(row.state), _says(row), row.issuer_name, row.issued_at)


def _says(row: Licence) -> str:
    return MADE if row.state == State.READY else row.failure_says or "文件正在生成，请稍候。"


def notice(number_or_id: str, key: str, actor: Actor) -> tuple[Whole, NoticeView]:
    """One notice of a case with its exact words. NotFound for whatever this actor may not see."""
    found = whole(number_or_id, actor)
    for view in notice_views(found, lines_of(found.held, found.events)):
        if view.key == key:
            return found, view
    raise NotFound(what="这份文书")


def notice_file(number_or_id: str, key: str, actor: Actor) -> FileView:
    """The sealed PDF of a notice, whoever gave it. NotFound, or FileNotReady while it is made or on its way."""
    found, view = notice(number_or_id, key, actor)
    own = next((row for row in found.papers if row.is_notice and row.number == view.number), None)
    if own is not None:
        return notice_pdf(own)
    row = next((row for row in found.notices if row.number == view.number), None)
    if row is None or view.state != "ready":
        raise FileNotReady()
    held = found.held
    chunks = files.read(held.subject, held.key, row.file_digest)
    return FileView(f"{view.name}_{view.number}.pdf", PDF, row.file_size, chunks)


def notice_pdf(row: Licence) -> FileView:
    """The sealed PDF of a 文书 of this node. FileNotReady while it is being made."""
    return FileView(f"{row.name}_{row.number}.pdf", PDF, row.file_size, licence_file(row))


def _given(lines: Sequence[Line]) -> Iterator[tuple[Line, Mapping[str, Any]]]:
    for line in lines:
        if line.told.get("notice"):
            yield line, line.told["notice"]


def _view(found: Whole, line: Line, words: Mapping[str, Any], own: Licence | None) -> NoticeView:
    office = custody.with_part(found.held.parties, giver(line.event.move))
    state, sentence = _standing(found, office, words["number"], own)
    template = TEMPLATES.get(line.event.move)
    return NoticeView(
        key=str(line.event.number),
        number=words["number"],
        name=words["name"],
        state=state,
        sentence=sentence,
        office=office.organization_name,
        at=line.event.occurred_at,
        words=words_in(words),
        to_applicant=template is None or template.to_applicant,
    )


def words_in(told: Mapping[str, Any]) -> NoticeWords:
    """The words of a notice as they are kept."""
    rows = tuple((str(label), str(said)) for label, said in told["rows"])
    return NoticeWords(str(told["addressee"]), tuple(map(str, told["paragraphs"])), rows)


def _standing(found: Whole, office: Party, number: str, own: Licence | None) -> tuple[str, str]:
    if own is not None:
        return str(own.state), _says(own)
    row = next((row for row in found.notices if (row.number, row.node) == (number, office.node)), None)
    if row is not None and files.has(found.held.subject, row.file_digest):
        return "ready", MADE
    return "elsewhere", ON_ITS_WAY.format(office=office.organization_name)

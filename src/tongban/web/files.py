# SPDX-License-Identifier: Apache-2.0
"""A stored file on its way to a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from tongban.licences.models import Licence
from tongban.licences.queries import file as licence_file


class Readable(Protocol):
    """What a file must tell to be sent."""

    @property
    def filename(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def chunks(self) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Paper:
    """A small file that is in memory as a whole."""

    filename: str
    media_type: str
    size: int
    chunks: Iterator[bytes]


def paper(name: str, media_type: str, data: bytes) -> Paper:
    """A file from its bytes."""
    return Paper(name, media_type, len(data), iter([data]))


def licence(row: Licence) -> Paper:
    """The sealed PDF of a licence. FileNotReady before it is made."""
    return Paper(f"{row.name}_{row.number}.pdf", "application/pdf", row.file_size, licence_file(row))


def send(file: Readable, *, keep: bool) -> StreamingHttpResponse:
    """The file in constant memory; `keep` downloads it, else the browser may show it. It runs nothing."""
    response = StreamingHttpResponse(file.chunks, content_type=file.media_type)
    if file.size is not None:
        response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(keep, file.filename) or "inline"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-store"
    return response

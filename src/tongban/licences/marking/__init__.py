# SPDX-License-Identifier: Apache-2.0
"""Copies with a mark across each page (水印). The file that a copy is made from stays as it is, to the last byte."""

from dataclasses import dataclass
from typing import BinaryIO

import structlog

from tongban.licences.marking.pages import laid_over
from tongban.licences.marking.pictures import drawn_over
from tongban.licences.marking.places import Unmarkable

__all__ = ["MOST", "Copy", "Unmarkable", "copy"]

MOST = 20_000_000  # bytes of a file that is marked; a larger one would keep a person waiting
MAKERS = {"application/pdf": laid_over, "image/jpeg": drawn_over, "image/png": drawn_over}
log = structlog.get_logger()


@dataclass(frozen=True)
class Copy:
    """A marked copy: the file as it is with these bytes after it, or these bytes instead of it."""

    follows: bool
    data: bytes


def copy(media_type: str, source: BinaryIO, size: int, words: str) -> Copy:
    """The file of so many bytes once more, with these words across each page.

    Unmarkable for what is too large, encrypted, or not what its first bytes say: whoever asked gives it as it is.
    """
    make = MAKERS.get(media_type)
    if make is None or size > MOST:
        raise Unmarkable()
    try:
        return Copy(make is laid_over, make(source, size, words))
    except Unmarkable:
        raise
    except Exception as why:  # readers of other people's files fail in every way there is
        log.info("file_not_marked", kind=media_type, why=type(why).__name__)
        raise Unmarkable() from why

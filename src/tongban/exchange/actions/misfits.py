# SPDX-License-Identifier: Apache-2.0
"""Why a message could not be applied or followed."""

import structlog

from tongban.standards.refusal import Refusal

log = structlog.get_logger()


class Overtaken(Exception):
    """What the handler had read changed before it wrote; the message is tried again."""


def misfit(why: Exception) -> str:
    """Why a message could not be followed, in a word; what is no refusal is written down for the developers."""
    if isinstance(why, Refusal):
        return why.code
    if not isinstance(why, Overtaken):
        log.exception("message_not_followed")
    return type(why).__name__

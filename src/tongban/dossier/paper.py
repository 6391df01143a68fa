# SPDX-License-Identifier: Apache-2.0
"""Checks one sealed file offline: by a trust list and a status list that somebody saved, without any node. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tongban.dossier import trust
from tongban.dossier.report import Report, Verdict, when
from tongban.dossier.trust import Trust
from tongban.licences import checking, verify
from tongban.licences.offline import Answer, Outcome, Told, answer
from tongban.licences.status_list import StatusListOdd, unpack
from tongban.licences.verify import Reason

NOBODY = "?"  # who signed when there is no list to know them by


@dataclass(frozen=True)
class Examined:
    """The answer, and by which keys of the hub it was found."""

    answer: Answer
    hub_keys: Sequence[str] = ()  # fingerprints, to be compared unless one was given
    compared: bool = False


def examine(
    file: bytes, now: datetime, *, trust_list: bytes | None = None, status: bytes | None = None, hub_key: str = ""
) -> Examined:
    """What these bytes are worth."""
    if trust_list is None:
        return Examined(_unknown(file, "没有给出信任名单，不能知道签名的是谁。"))
    handed, report = trust.read(trust_list), Report()
    if handed is None:
        return Examined(_unknown(file, "信任名单不完整，或者被改动过。"))
    believed = trust.believed([handed], hub_key, report)
    if not believed.lists:
        return Examined(_unknown(file, *report.of(Verdict.BROKEN)), report.hub_keys, report.compared)
    verdict = checking.check_file(file, believed.certificates())
    told = _told(status, believed)
    found = answer(verdict, believed.name(verdict.signer_node or ""), told, now)
    if now >= handed.listed.expires_at:
        old = f"信任名单已于{when(handed.listed.expires_at)}到期，请取得新的名单再验证。"
        found = replace(found, sentences=[*found.sentences, old])
        if found.outcome is Outcome.VALID:
            found = replace(found, outcome=Outcome.VALID_THEN)
    return Examined(found, report.hub_keys, report.compared)


def _unknown(file: bytes, *why: str) -> Answer:
    """Without a trust list a change is seen all the same; who signed, and whether it stands, is not."""
    verdict = checking.check_file(file, {NOBODY: verify.certificate_in(file)})
    if not verdict.intact and verdict.reasons != (Reason.SIGNER_UNKNOWN,):
        return Answer(Outcome.NOT_GENUINE, verdict.sentences())
    return Answer(Outcome.UNKNOWN, [*why, "文件自签名之后没有改动，但不清楚是谁签的，也不清楚是否有效。"])


def _told(status: bytes | None, believed: Trust) -> Told:
    if status is None:
        return Told()
    try:
        listed, signed = unpack(status)
    except StatusListOdd:
        return Told(trouble="状态清单不完整，或者被改动过。")
    if why := believed.signature(listed.node, signed, listed.issued_at):
        return Told(trouble=f"状态清单不能采信：{why}。")
    return Told(listed)

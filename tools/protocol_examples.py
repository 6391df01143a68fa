# SPDX-License-Identifier: Apache-2.0
"""Makes docs/protocol/examples: true bytes with true signatures, by keys that are forgotten afterwards."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "protocol" / "examples"
LICENCE_TYPES = ROOT / "src" / "tongban" / "demo" / "data" / "licence_types.json"
ITEM = ROOT / "src" / "tongban" / "demo" / "data" / "items" / "no_criminal_record.json"
sys.path[:0] = [str(ROOT / "src")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.config.settings")

import django  # noqa: E402

django.setup()

from uuid_utils.compat import uuid7  # noqa: E402

from tongban.cases import chain, clocks, custody, transitions  # noqa: E402
from tongban.cases.chain import Head, Told  # noqa: E402
from tongban.cases.custody import Holding, Party  # noqa: E402
from tongban.cases.states import Part, State  # noqa: E402
from tongban.catalogue import basics  # noqa: E402
from tongban.catalogue import content as items  # noqa: E402
from tongban.catalogue.lists import agreement as agreements  # noqa: E402
from tongban.catalogue.lists import content as lists  # noqa: E402
from tongban.demo import content as demo  # noqa: E402
from tongban.demo.people import ORGANIZATIONS, PEOPLE, DemoOrganization  # noqa: E402
from tongban.exchange import acknowledgement, batch, hop, sealed_part, witness  # noqa: E402
from tongban.exchange.envelope import Envelope, read  # noqa: E402
from tongban.exchange.sealed_part import Place  # noqa: E402
from tongban.ledger.heads import TreeHead  # noqa: E402
from tongban.licences.recognition import Accepted  # noqa: E402
from tongban.licences.types import content as licence_types  # noqa: E402
from tongban.licences.types import listing as recognition  # noqa: E402
from tongban.regions import membership, requests, trustlist  # noqa: E402
from tongban.regions.trustlist import Agreement, TrustedNode, TrustList  # noqa: E402
from tongban.standards import numbers  # noqa: E402
from tongban.standards.actor import Actor, Role, system  # noqa: E402
from tongban.standards.base64url import encode  # noqa: E402
from tongban.standards.canonical import canonical  # noqa: E402
from tongban.standards.clock import local_date  # noqa: E402
from tongban.standards.crypto import key_id, merkle, sealing_beside, suite  # noqa: E402
from tongban.standards.signer import signed  # noqa: E402

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SERIAL = 7
HUB, HANDLING = "000000", "430000"
SENDERS = {"ed25519": "620000", "sm2": "220000"}
NAMES = {"000000": "国家枢纽（示例）", "430000": "湖南（示例）", "620000": "甘肃（示例）", "220000": "吉林（示例）"}
JOINING = "130000"
PLACES = {"430000": "changsha-police", "620000": "lanzhou-centre", "220000": "jilin-centre"}
REGIONS = {"430100": "湖南省长沙市", "620100": "甘肃省兰州市", "220000": "吉林省"}
APPLICANT = next(one for one in PEOPLE if one.key == "zhang_wei")
PDF = b"%PDF-1.7 example\n"


@dataclass(frozen=True)
class Player:
    """A node of the examples; its private keys live as long as this program, but one that opens a sealed part."""

    code: str
    suite: str
    private: bytes
    opening: bytes

    @property
    def key_id(self) -> str:
        return key_id(suite(self.suite), self.public)

    @property
    def public(self) -> bytes:
        return suite(self.suite).public(self.private)

    def sign(self, data: bytes) -> bytes:
        return suite(self.suite).sign(self.private, data)


def player(code: str) -> Player:
    name = "sm2" if code == "220000" else "ed25519"
    return Player(code, name, suite(name).generate(), sealing_beside(name).generate())


def trust_list(players: Mapping[str, Player]) -> TrustList:
    """The list that all of them believe."""
    return TrustList(
        federation="example",
        hub="000000",
        serial=SERIAL,
        issued_at=AT - timedelta(days=1),
        expires_at=AT + timedelta(days=29),
        nodes={code: entry(one) for code, one in players.items()},
        agreements=tuple(
            Agreement(*pair, ("case.*", "licence.*"))
            for code in SENDERS.values()
            for pair in permutations((code[:2], HANDLING[:2]))
        ),
    )


def next_list(listed: TrustList, requests_made: Sequence[bytes]) -> TrustList:
    """What the hub signs after it has approved these."""
    for file in requests_made:
        changed = membership.key_changed(listed, requests.read(file), AT)
        listed = replace(listed, nodes={node.code: node for node in changed.nodes})
    return replace(listed, serial=SERIAL + 1, issued_at=AT, expires_at=AT + timedelta(days=30))


def key_request(one: Player) -> bytes:
    """A node asks for a new exchange key, with the word of the old one."""
    new = player(one.code)
    key = entry(new).key_for("exchange", AT)
    return requests.write(requests.rotating(one.code, key, AT), [new, one])


def write_lists(players: Mapping[str, Player]) -> None:
    """The list, the one after it, and what was asked of the hub in between."""
    hub, listed = players["000000"], trust_list(players)
    asked = [key_request(players[HANDLING]), key_request(hub)]
    both = [signed(hub, trustlist.compose(each)) for each in (listed, next_list(listed, asked))]
    write(EXAMPLES, "trust-list.document.json", both[0].data)
    write(EXAMPLES, "trust-list.json", trustlist.packed(both[0]))
    write(EXAMPLES, "trust-lists.json", trustlist.packed_lists(both))
    write(EXAMPLES, "key-request.json", asked[0])
    joining = player(JOINING)
    write(EXAMPLES, "join-request.json", requests.write(requests.joining(entry(joining), AT), [joining]))


def entry(one: Player) -> TrustedNode:
    """One node as the list names it."""
    of, times = sealing_beside(one.suite), (AT - timedelta(days=30), AT + timedelta(days=335))
    sealed_to = of.public(one.opening)
    keys = [
        ("exchange", one.suite, one.public, one.key_id),
        ("encryption", of.name, sealed_to, key_id(of, sealed_to)),
    ]
    return TrustedNode(
        code=one.code,
        name=NAMES.get(one.code, "河北（示例）"),
        regions=(one.code[:2],),
        address=f"https://{one.code}.example.org",
        dial=f"https://{one.code}.example.org:8443",
        status="active",
        roles=("hub",) if one.code == "000000" else ("region",),
        keys=tuple(
            trustlist.key_of(use, name, public, id=id, not_before=times[0], not_after=times[1])
            for use, name, public, id in keys
        ),
    )


def party(number: int, part: Part, node: str) -> Party:
    """An organization of the demo, playing its part."""
    told = organization(node)
    return Party(number, part, told.code, told.name, told.region, REGIONS[told.region], node, told.phone)


def organization(node: str) -> DemoOrganization:
    return ORGANIZATIONS[PLACES[node]]


class Story:
    """One case between two nodes, told in true lines and letters."""

    def __init__(self, intake: Player, handling: Player) -> None:
        self.intake, self.handling = intake, handling
        self.case = UUID(str(uuid7()))
        self.parties = [party(1, Part.INTAKE, intake.code), party(2, Part.HANDLING, handling.code)]
        self.head = Head(length=0, digest="", holding=Holding(holder=1))
        self.state = State.SUBMITTED
        self.applicant = Actor(id=UUID(str(uuid7())), role=Role.APPLICANT, name="张伟", node=intake.code)
        self.approver = Actor(id=UUID(str(uuid7())), role=Role.APPROVER, name="陈静", node=handling.code)
        self.sequences: dict[tuple[str, str], int] = {}  # by sender and subject
        self.items = 0
        self.agreement = str(uuid7())

    def line(self, node: Player, name: str, actor: Actor, **facts: Any) -> Told:
        """Make the next line, as that node would."""
        move = transitions.move_named(name)
        custody.require(self.head.holding, move, self.parties, node.code)
        self.state = move.leads_to(self.state)
        holding = custody.after(self.head.holding, move, self.parties)
        told = chain.next_line(
            suite(node.suite),
            self.head,
            case=self.case,
            move=move,
            state=self.state,
            holding=holding,
            at=AT + timedelta(seconds=self.head.length),
            node=node.code,
            actor=actor,
            facts={"stated": {}, **facts},
            internal={},
        )
        self.head = Head(length=told.line.number, digest=told.line.digest, holding=holding)
        return told

    def envelope(self, sender: Player, recipient: Player, kind: str, subject: str, body: Mapping[str, Any]) -> bytes:
        """The bytes of a message; sequences count per subject."""
        place = (sender.code, subject)
        sequence = self.sequences[place] = self.sequences.get(place, 0) + 1
        at = AT + timedelta(seconds=self.head.length)
        message = Envelope(
            UUID(str(uuid7())), sender.code, recipient.code, 1, kind, subject, sequence, at, SERIAL, body
        )
        return message.bytes()

    @property
    def subject(self) -> str:
        return f"case:{self.case}"

    def opened(self) -> bytes:
        """Intake tells the whole case and offers custody."""
        events = [
            self.line(self.intake, "submit", self.applicant),
            self.line(self.intake, "offer", system(self.intake.code)),
        ]
        body = {
            "case": str(self.case),
            "receipt_no": numbers.receipt_no(organization(self.intake.code).region, local_date(AT), 1),
            "mode": "online",
            "delivery": "net",
            "item": {"task_code": item_code(), "version": 1, "digest": item_digest(self.handling)},
            "parties": [told_party(each) for each in self.parties],
            "applicant": person()
            | {"id_type": "resident_id", "home_region": APPLICANT.home_region, "level": "real_name"},
            "answers": {"who": "self", "purpose": "job"},
            "form": person(),
            "materials": [
                {
                    "requirement": "id_card",
                    "filename": "身份证.pdf",
                    "digest": suite("ed25519").digest(PDF),
                    "size": len(PDF),
                    "media_type": "application/pdf",
                }
            ],
            "events": [chain.plain(told) for told in events],
        }
        return self.envelope(self.intake, self.handling, "case.opened", self.subject, body)

    def moved(self, *events: Told) -> bytes:
        """The custodian tells what it did."""
        body = {"case": str(self.case), "events": [chain.plain(told) for told in events]}
        return self.envelope(self.handling, self.intake, "case.moved", self.subject, body)

    def taken_and_accepted(self) -> list[bytes]:
        """Custody arrives; later the case is accepted and a clock begins."""
        taken = self.line(self.handling, "take", system(self.handling.code))
        source = "示例：事项写明的承诺时限"
        regime = clocks.Regime("promised", 7, clocks.Unit.WORKING_DAY, "", "", source, clocks.Nature.PROMISED)
        dates = {"soon_at": "2026-12-01T16:00:00Z", "due_at": "2026-12-02T16:00:00Z"}
        clock = clocks.plain(clocks.begin(regime, AT)) | dates
        number = numbers.project_no(item_code(), local_date(AT), 1)
        accepted = self.line(
            self.handling,
            "accept",
            self.approver,
            clocks=[clock],
            due_on="2026-12-02",
            project_no=number,
            notice=self.notice(number),
        )
        return [self.moved(taken), self.moved(accepted), self.noticed()]

    def notice(self, project_no: str) -> dict[str, Any]:
        """The notice of acceptance, word for word."""
        return {
            "number": f"{organization(self.handling.code).region}受〔2026〕0000001号",
            "name": "受理通知书",
            "version": 1,
            "addressee": "张伟",
            "paragraphs": ["您提出的申请，材料齐全、符合法定形式。按照办事指南，本机关决定予以受理。"],
            "rows": [["办件编号", project_no], ["受理日期", "2026年11月23日（周一）"]],
        }

    def noticed(self) -> bytes:
        """Its file is sealed and can be fetched."""
        body = {
            "case": str(self.case),
            "number": self.notice("")["number"],
            "file": suite("ed25519").digest(PDF),
            "size": len(PDF),
        }
        return self.envelope(self.handling, self.intake, "case.noticed", self.subject, body)

    def requested(self, move: str, stated: Mapping[str, str], request: str) -> bytes:
        """The intake asks for something it may not do itself."""
        body = {
            "case": str(self.case),
            "request": request,
            "move": move,
            "stated": dict(stated),
            "actor": {"id": str(self.applicant.id), "role": "applicant", "organization": ""},
            "materials": [],
        }
        return self.envelope(self.intake, self.handling, "case.requested", self.subject, body)

    def answered(self, request: str, code: str, sentence: str) -> bytes:
        """The custodian declines."""
        body = {"case": str(self.case), "request": request, "code": code, "sentence": sentence}
        return self.envelope(self.handling, self.intake, "case.answered", self.subject, body)

    def heads(self) -> list[bytes]:
        """The intake's ledger grows from three lines to five, and the handling node is told both times."""
        theirs = suite(self.intake.suite)
        leaves = [merkle.leaf_hash(theirs, theirs.digest(b"line %d" % number).encode()) for number in range(5)]
        told, since = [], None
        for size in (3, 5):
            root = merkle.root(theirs, leaves[:size]).hex()
            head = TreeHead(self.intake.code, 1, size, root, AT + timedelta(seconds=size), None)
            proof = merkle.consistency(theirs, leaves[:size], since.size) if since else []
            body = witness.body(signed(self.intake, head.bytes()), since, proof)
            told.append(self.envelope(self.intake, self.handling, "ledger.head", f"ledger/{self.intake.code}", body))
            since = head.mark
        return told

    def echoed(self) -> tuple[bytes, bytes]:
        """The intake tries the line, and what comes back."""
        subject, body = f"echo/{self.intake.code}", {"text": "听得到吗？"}
        asked = self.envelope(self.intake, self.handling, "exchange.echo", subject, body)
        told = read(asked)
        back = body | {"of": str(told.id), "sequence": told.sequence}
        return asked, self.envelope(self.handling, self.intake, "exchange.echoed", subject, back)

    def published(self) -> bytes:
        """The handling node's item, as every node is told of it."""
        body = {
            "version": 1,
            "document": item_document().decode(),
            "digest": item_digest(self.handling),
            "effective_from": "2026-11-01",
        }
        return self.envelope(self.handling, self.intake, "item.published", f"item/{item_code()}", body)

    def stands(self) -> bytes:
        """A licence of the handling node is suspended."""
        body = {
            "file": suite("ed25519").digest(PDF),
            "number": 1,
            "change": "suspend",
            "standing": "suspended",
            "since": AT.isoformat(),
        }
        return self.envelope(self.handling, self.intake, "licence.standing", f"licence:{uuid7()}", body)

    def licences_told(self) -> list[bytes]:
        """A type of licences by which the handling node goes, and what its region accepts of others."""
        plain = json.loads(LICENCE_TYPES.read_text(encoding="utf-8"))[0]
        card = licence_types.document(licence_types.convert(plain))
        line = Accepted(plain["code"], "000000", "", AT.date().replace(month=1, day=1))
        accepted = recognition.document([line])
        digest = suite(self.handling.suite).digest
        office = organization(self.handling.code)
        told_type = {"version": 1, "document": card.decode(), "digest": digest(card), "effective_from": "2026-11-01"}
        told_list = {
            "version": 1,
            "document": accepted.decode(),
            "digest": digest(accepted),
            "publisher": office.code,
            "publisher_name": office.name,
            "reason": "首次发布。",
            "published_at": AT.isoformat(),
        }
        here, there = self.handling, self.intake
        return [
            self.envelope(here, there, "licence.type", f"licence-type/{plain['code']}", told_type),
            self.envelope(here, there, "licence.recognition", f"recognition/{here.code}", told_list),
        ]

    def laid_down(self, hub: Player) -> bytes:
        """What the whole country shares of the item, as the hub tells every node."""
        document = layer_document()
        body = {
            "version": 1,
            "document": document.decode(),
            "digest": suite(hub.suite).digest(document),
            "effective_from": "2026-11-01",
        }
        subject = f"basic/{json.loads(document)['code']}/{hub.code}"
        return self.envelope(hub, self.intake, "basic.published", subject, body)

    def listed(self) -> list[bytes]:
        """The handling node's list, as every node is told of it, and how its entry stands."""
        told, document = organization(self.handling.code), list_document(self.handling)
        body = {"version": 1, "document": document.decode(), "digest": suite(self.handling.suite).digest(document)}
        act = {
            "number": 1,
            "entry": "2021-001",
            "status": "open",
            "reason": "",
            "on_day": "2026-11-01",
            "actor": f"item_manager:{self.approver.id}",
            "at": AT.isoformat(),
        }
        subject = f"list/{told.code}/cross_province"
        return [
            self.envelope(self.handling, self.intake, "list.published", subject, body),
            self.envelope(self.handling, self.intake, "list.standing", subject, {"acts": [act]}),
        ]

    def agreed(self) -> list[bytes]:
        """The handling side offers an agreement, the intake side signs it too."""
        document, subject = (
            agreement_document(self.agreement, self.handling, self.intake),
            f"agreement/{self.agreement}",
        )
        digest = suite(self.handling.suite).digest(document)
        told = []
        for side, node, other in (
            ("handling", self.handling, self.intake),
            ("intake", self.intake, self.handling),
        ):
            under = signed(node, document)
            signature = {
                "side": side,
                "node": node.code,
                "person": f"item_manager:{self.approver.id}",
                "at": AT.isoformat(),
                "key_id": under.key_id,
                "suite": under.suite,
                "signature": under.signature.hex(),
            }
            standing = "offered" if side == "handling" else "confirmed"
            body = {"standing": standing, "side": side, "digest": digest, "signature": signature}
            body |= {"document": document.decode()} if side == "handling" else {}
            told.append(self.envelope(node, other, "agreement.told", subject, body))
        return told


def told_party(each: Party) -> dict[str, Any]:
    return {
        "number": each.number,
        "part": str(each.part),
        "organization": each.organization,
        "organization_name": each.organization_name,
        "region": each.region,
        "region_name": each.region_name,
        "node": each.node,
        "phone": each.phone,
    }


def person() -> dict[str, str]:
    return {"name": APPLICANT.name, "id_number": APPLICANT.id_number, "phone": APPLICANT.phone}


@cache
def item() -> dict[str, Any]:
    """The demo's own item, as the office of the handling node publishes it."""
    basic, office = json.loads(ITEM.read_text(encoding="utf-8"))["basic_code"], organization(HANDLING).code
    return next(each for each in demo.contents() if (each["basic_code"], each["publisher"]["code"]) == (basic, office))


def item_code() -> str:
    return str(item()["task_code"])


def item_document() -> bytes:
    """Its bytes, frozen as for publishing."""
    whole = items.convert(item())
    items.check(whole)
    return items.document(whole)


def layer_document() -> bytes:
    """The demo's own basic item: what the hub fixes for all who implement it."""
    whole, office = json.loads(ITEM.read_text(encoding="utf-8")), ORGANIZATIONS["hub"]
    return basics.document(
        basics.convert(
            {
                "code": whole["basic_code"],
                "region": office.region,
                "publisher": {"code": office.code, "name": office.name, "region": office.region},
                "levels": ["city"],
                "elements": {name: whole[name] for name in ("name", "item_type", "law")},
            }
        )
    )


def publisher_of(node: Player) -> dict[str, str]:
    told = organization(node.code)
    return {"code": told.code, "name": told.name, "region": told.region}


def list_document(node: Player) -> bytes:
    """A list with one batch and one entry."""
    plain = {
        "code": "cross_province",
        "title": "跨省通办事项清单（示例）",
        "publisher": publisher_of(node),
        "scope": "cross_province",
        "batches": [{"code": "2021", "name": "第二批", "deadline": "2021-12-31"}],
        "entries": [{"code": "2021-001", "name": "开具无犯罪记录证明", "batch": "2021"}],
    }
    return lists.document(lists.convert(plain))


def agreement_document(number: str, handling: Player, intake: Player) -> bytes:
    """What the handling side lets the windows of the intake side do."""
    plain = {
        "id": number,
        "title": "点对点协议（示例）",
        "handling": publisher_of(handling),
        "intake": publisher_of(intake),
        "moves": ["accept"],
        "shares": [{"step": "原件核验", "text": "窗口核对原件"}],
        "begins": "2026-11-01",
        "basis": "示例",
    }
    return agreements.document(agreements.convert(plain))


def item_digest(publisher: Player) -> str:
    return suite(publisher.suite).digest(item_document())


def pack(messages: Sequence[bytes], sender: Player, recipient: Player) -> batch.Batch:
    """A signed batch, as sent ten seconds later."""
    return batch.pack(
        messages,
        batch=UUID(str(uuid7())),
        sender=sender.code,
        recipient=recipient.code,
        epoch=1,
        trust_serial=SERIAL,
        at=AT + timedelta(seconds=10),
        suite=suite(sender.suite),
        signer=sender,
    )


def request(packed: batch.Batch, sender: Player, recipient: Player) -> str:
    """The head of the HTTP request that carries a batch."""
    url = f"https://{recipient.code}.example.org:8443/exchange/batches"
    asked = hop.Hop(method="POST", url=url, headers={"Content-Type": "application/x-ndjson"}, body=packed.bytes())
    hop.sign(asked, node=sender.code, signer=sender, at=AT + timedelta(seconds=10))
    lines = ["POST /exchange/batches HTTP/1.1", f"Host: {recipient.code}.example.org:8443"]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in asked.headers.items()), "", ""])


def acknowledge(packed: batch.Batch, recipient: Player) -> bytes:
    """What the recipient answers."""
    answers = {str(read(data).id): acknowledgement.STORED for data in packed.messages}
    word = acknowledgement.Acknowledgement(
        packed.head.batch, recipient.code, packed.head.root, AT + timedelta(seconds=11), answers
    )
    return acknowledgement.wire(signed(recipient, word.bytes()))


def write(folder: Path, name: str, data: bytes | str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def exchange(folder: Path, prefix: str, messages: Sequence[bytes], sender: Player, recipient: Player) -> None:
    """One direction: batch, request head, acknowledgement, and the proof of the first message alone."""
    packed = pack(messages, sender, recipient)
    write(folder, f"{prefix}.batch.ndjson", packed.bytes())
    write(folder, f"{prefix}.request.http", request(packed, sender, recipient))
    write(folder, f"{prefix}.acknowledgement.json", acknowledge(packed, recipient))
    write(folder, f"{prefix}.proof-of-message-1.json", canonical(batch.proofs(packed, suite(sender.suite))[0]))


def write_sealed_part(folder: Path, sender: Player, recipient: Player) -> None:
    """A file of 17 bytes as its one part, with the key that opens it."""
    place = Place(sender.code, recipient.code, "case:example", suite("ed25519").digest(PDF), len(PDF), 0, len(PDF) - 1)
    key = entry(recipient).key_for("encryption", AT)
    told = {
        "content_type": sealed_part.content_type(key.id),
        "content_range": f"bytes {place.first}-{place.last}/{place.size}",
        "context": place.context().decode(),
        "sealed": encode(sealed_part.seal(place, PDF, key)),
        "content": PDF.decode(),
        "private_key": recipient.opening.decode(),
    }
    write(folder, "sealed-part.json", canonical(told))


def main() -> None:
    """Write all examples anew."""
    players = {code: player(code) for code in NAMES}
    write_lists(players)
    for name, code in SENDERS.items():
        intake, handling = players[code], players[HANDLING]
        story = Story(intake, handling)
        asked, declined = str(uuid7()), str(uuid7())
        there = [story.opened()]
        back = [story.published(), *story.taken_and_accepted()]
        there += [story.requested("withdraw", {"reason": "不再需要"}, asked), story.requested("deliver", {}, declined)]
        echo, echoed = story.echoed()
        there += [*story.heads(), echo]
        back.append(story.answered(declined, "not_now", "办件目前“已受理”，不能领取。请刷新页面查看最新进度。"))
        back.append(story.moved(story.line(handling, "withdraw", story.applicant, stated={"reason": "不再需要"})))
        offered, confirmed = story.agreed()
        there.append(confirmed)
        back += [echoed, *story.listed(), offered, story.stands(), *story.licences_told()]
        write_sealed_part(EXAMPLES / name, handling, intake)
        exchange(EXAMPLES / name, f"{code}-to-{HANDLING}", there, intake, handling)
        exchange(EXAMPLES / name, f"{HANDLING}-to-{code}", back, handling, intake)
        exchange(EXAMPLES / name, f"{HUB}-to-{code}", [story.laid_down(players[HUB])], players[HUB], intake)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Seals: who may use them, that every use is noted, that a suspended one seals nothing more."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from tests.shape.tree import SOURCE, here, nothing, parsed, rules_sources, text_of
from tests.world import START as AT
from tongban.identity.models import Staff
from tongban.ledger.models import Line
from tongban.licences import queries
from tongban.licences.actions import (
    answer_order,
    change_seal,
    entrust_seal,
    issuing,
    make_files_once,
    order_again,
    register_seal,
)
from tongban.licences.errors import AnotherPersonNeeded, SealChangeNotPossible, SealRegistered
from tongban.licences.models import Licence, Seal, SealOrder, SealUse, State
from tongban.licences.seal_drawing import Seal as Drawing
from tongban.licences.seal_drawing import draw_svg
from tongban.licences.seals.queries import seal_of, seal_page, seals, waiting
from tongban.licences.seals.states import BULK, CHANGES, Hand, SealState, possible
from tongban.licences.tests.test_actions import CHEN, GRANT, issue, register
from tongban.standards.actor import Actor, Role
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

WORDS = re.compile(r"\"document\"|Signatory|seal_pdf")
WHY = "印章管理例行检查。"
SOON = AT + timedelta(minutes=5)


def actor(role: Role, name: str = "某人") -> Actor:
    return Actor(id=uuid4(), role=role, name=name, node="620000", organization=GRANT.issuer)


OPERATOR, OTHER = actor(Role.OPERATOR, "孙强"), actor(Role.OPERATOR, "另一运维")


@pytest.fixture
def custodian(node: Node) -> Iterator[Actor]:
    """林悦 keeps the seal."""
    row = Staff.objects.create(
        id=uuid7(),
        login="linyue",
        password_hash="",
        name="林悦",
        organization=GRANT.issuer,
        region="430100",
        roles=["approver"],
        created_at=AT,
    )
    seal = register()
    entrust_seal(seal.id, "linyue", reason=WHY, actor=OPERATOR, at=AT)
    yield replace(actor(Role.APPROVER, "林悦"), id=row.id)


def seal() -> Seal:
    found = seal_of(GRANT.issuer)
    assert found is not None
    return found


def test_every_use_names_paper_and_person(node: Node) -> None:
    issued = issue()
    make_files_once(AT)

    use, ready = SealUse.objects.get(), queries.licence(issued.id)
    assert (use.licence_id, use.number) == (issued.id, issued.number)
    assert (use.person, use.seal_id, use.provider) == (CHEN, seal().id, "software")
    assert (use.file_digest, use.certificate_id) == (ready.file_digest, ready.certificate_id)


def test_without_a_seal_papers_wait_and_their_page_says_why(node: Node) -> None:
    issued = issue(sealed=False)
    assert make_files_once(AT)
    assert not make_files_once(AT + issuing.CLAIM)

    held = queries.licence(issued.id)
    assert (held.state, held.failure) == (State.PENDING, "seal_not_in_use")
    assert held.failure_says == f"{GRANT.issuer_name}的电子印章还没有登记，文书等印章可以使用时自动盖章。"
    register()
    assert make_files_once(SOON)
    assert queries.licence(issued.id).state == State.READY


def test_suspension_stops_what_is_being_made_at_that_moment(custodian: Actor) -> None:
    issued = issue()
    claimed = issuing._claim(AT)
    assert claimed is not None
    made = issuing.make_files(claimed, at=AT)
    change_seal(seal().id, "suspend", reason=WHY, actor=custodian, at=AT)

    issuing._finish(claimed, made, AT)

    held = queries.licence(issued.id)
    assert (held.state, held.failure, held.file_digest) == (State.PENDING, "seal_not_in_use", "")
    assert not SealUse.objects.exists()
    change_seal(seal().id, "resume", reason=WHY, actor=custodian, at=SOON)
    assert make_files_once(SOON)
    assert SealUse.objects.count() == 1


def test_a_seal_that_is_over_seals_nothing(node: Node) -> None:
    issue()
    Seal.objects.filter(id=seal().id).update(valid_until=AT)

    make_files_once(AT)

    assert "已过有效期" in Licence.objects.get().failure_says


def test_many_waiting_papers_take_a_second_person(custodian: Actor) -> None:
    change_seal(seal().id, "suspend", reason=WHY, actor=custodian, at=AT)
    for number in range(BULK + 1):
        issue(replace(GRANT, subject=f"case:{number}"))
    while make_files_once(AT):
        pass
    change_seal(seal().id, "resume", reason=WHY, actor=custodian, at=AT)

    assert not make_files_once(AT)
    with pytest.raises(AnotherPersonNeeded):
        answer_order(seal().id, allow=True, actor=custodian, at=AT)
    assert answer_order(seal().id, allow=False, actor=OPERATOR, at=AT) == 0
    assert order_again(seal().id, reason=WHY, actor=custodian, at=AT) == BULK + 1
    later = issue(replace(GRANT, subject="case:later"), at=SOON)  # not among what was asked, and need not wait
    assert make_files_once(SOON)
    assert queries.licence(later.id).state == State.READY
    assert answer_order(seal().id, allow=True, actor=OPERATOR, at=SOON) == BULK + 1
    assert waiting(GRANT.issuer) == 0
    order = SealOrder.objects.latest("asked_at", "id")
    assert (order.answer, order.asked_name, order.answered_name) == ("allowed", "林悦", "孙强")


def test_who_suspended_a_seal_does_not_destroy_it(custodian: Actor) -> None:
    destroyed = seal()
    change_seal(destroyed.id, "suspend", reason=WHY, actor=OPERATOR, at=AT)
    with pytest.raises(AnotherPersonNeeded):
        change_seal(destroyed.id, "destroy", reason=WHY, actor=OPERATOR, at=AT)
    change_seal(destroyed.id, "destroy", reason=WHY, actor=OTHER, at=AT)

    with pytest.raises(SealChangeNotPossible):
        change_seal(destroyed.id, "resume", reason=WHY, actor=custodian, at=AT)
    assert register().id != destroyed.id
    verbs = Line.objects.filter(subject=f"seal:{destroyed.id}").order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["seal.register", "seal.entrust", "seal.suspend", "seal.destroy"]


@pytest.mark.parametrize("state", SealState)
@pytest.mark.parametrize("hands", [frozenset(), frozenset({Hand.CUSTODIAN}), frozenset({Hand.OPERATOR})], ids=str)
def test_only_what_the_table_names_can_be_done(node: Node, state: SealState, hands: frozenset[Hand]) -> None:
    offered = {each.name for each in possible(state, hands)}
    assert offered == {n for n, c in CHANGES.items() if state in c.origins and hands & c.hands}
    row = register()
    mine = Seal.objects.filter(id=row.id)
    who = actor(Role.OPERATOR if Hand.OPERATOR in hands else Role.APPROVER)
    mine.update(custodian=who.id if Hand.CUSTODIAN in hands else None)
    done = set()
    for name in CHANGES:
        mine.update(state=state)
        try:
            change_seal(row.id, name, reason=WHY, actor=who, at=AT)
            done.add(name)
        except (NotFound, NotAllowed, SealChangeNotPossible):
            continue
        except AnotherPersonNeeded:
            done.add(name)
    assert done == offered


def test_strangers_do_not_learn_that_a_seal_exists(custodian: Actor) -> None:
    stranger = actor(Role.APPROVER)
    for seal_id in (seal().id, uuid4()):
        with pytest.raises(NotFound):
            seal_page(seal_id, stranger)
        with pytest.raises(NotFound):
            change_seal(seal_id, "suspend", reason=WHY, actor=stranger, at=AT)
    assert (seals(stranger), [each.id for each in seals(custodian)]) == ([], [seal().id])


def test_what_is_entered_wrongly_is_refused_by_name(custodian: Actor) -> None:
    with pytest.raises(SealRegistered):
        register_seal(GRANT.issuer, GRANT.issuer_name, actor=OPERATOR, at=AT)
    with pytest.raises(NotAllowed):
        register_seal("x", "某局", actor=custodian, at=AT)
    with pytest.raises(BadInput):
        register_seal("x", "某局", custodian="nobody", actor=OPERATOR, at=AT)
    with pytest.raises(BadInput):
        register_seal("x", "某局", valid_until=AT, actor=OPERATOR, at=AT)
    with pytest.raises(BadInput):
        change_seal(seal().id, "suspend", reason=" ", actor=custodian, at=AT)
    with pytest.raises(NotAllowed):
        entrust_seal(seal().id, "linyue", reason=WHY, actor=custodian, at=AT)


def test_the_picture_of_a_seal_is_made_of_the_same_strokes() -> None:
    picture = draw_svg(Drawing("长沙市公安局", foot="演示")).decode()

    assert picture.startswith("<svg ") and picture.endswith("</g></svg>")
    assert picture.count("<path") == 3
    assert "None" not in picture


def test_the_key_of_a_seal_is_used_in_one_place() -> None:
    """What makes keys and their certificates may hold one too; nobody else asks for it."""
    makes_keys = {f"src/tongban/config/{name}.py" for name in ("new_keys", "rotation", "token_keys")}
    may = {"src/tongban/licences/seals/signing.py", "src/tongban/exchange/keys.py", *makes_keys}
    service = SOURCE / "licences" / "seals" / "signing.py"
    assert any(_asks_for_key(node) for node in ast.walk(parsed(service)))  # the rule can see it
    named = [file for file in rules_sources() if WORDS.search(text_of(file))]  # the rest need not be parsed
    found = []
    for file in named:
        for node in ast.walk(parsed(file)):
            if _asks_for_key(node) and here(file) not in may:
                found.append(f"{here(file)}: {ast.unparse(node)}")
            signs = isinstance(node, ast.alias) and node.name in ("Signatory", "seal_pdf")
            if signs and SOURCE / "licences" / "seals" not in file.parents:
                found.append(f"{here(file)}: imports {node.name}")  # type: ignore[attr-defined]
    nothing(found)


def _asks_for_key(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return False
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in ("in_use", "held", "private") and node.args[0].value == "document"

# SPDX-License-Identifier: Apache-2.0
"""The signed list of what does not count: what it tells, what it hides, and that no byte of it can change."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from tests.world import START as AT
from tongban.exchange import key_store, keys
from tongban.licences import queries, status_list
from tongban.licences.actions import make_files_once, publish_status, publish_status_once
from tongban.licences.models import Licence, StatusList
from tongban.licences.standings import Standing
from tongban.licences.status_list import LEAST, SIZE, StatusListOdd, compose, entry, pack, room, unpack
from tongban.licences.tests.test_actions import GRANT, issue
from tongban.standards.base64url import decode
from tongban.standards.canonical import parse
from tongban.standards.crypto import suite
from tongban.standards.node import Node
from tongban.standards.refusal import NotFound
from tongban.standards.signer import Signed

FILES = [f"sha256:{sha256(str(number).encode()).hexdigest()}" for number in range(5)]


@pytest.fixture
def keyed(node: Node) -> Node:
    key_store.make()
    return node


def published() -> status_list.StatusList:
    return unpack(queries.published_status()[1])[0]


@pytest.mark.parametrize("standing", status_list.STATES)
def test_whoever_has_the_file_finds_how_it_stands(standing: Standing) -> None:
    document = compose("620000", [entry(FILES[0], standing)], AT)
    listed, _ = unpack(pack(Signed(document, b"x" * 64, "k", "ed25519")))

    assert (listed.standing(FILES[0]), listed.standing(FILES[1])) == (standing, Standing.VALID)
    assert (listed.node, listed.issued_at, listed.fresh_until) == ("620000", AT, AT + status_list.FRESH)


def test_neither_how_many_nor_how_they_stand_can_be_read_off(keyed: Node) -> None:
    rows = [issue(replace(GRANT, subject=f"case:{number}")) for number in range(3)]
    while make_files_once(AT):
        pass
    publish_status(AT)
    before = published()
    Licence.objects.filter(id=rows[0].id).update(standing="revoked")
    publish_status(AT)
    after = published()

    assert len(before.entries) == len(after.entries) == LEAST
    assert {len(each) for each in after.entries} == {SIZE}
    assert len(before.entries ^ after.entries) == 2  # one came for one that stood for nothing
    digests = [queries.licence(row.id).file_digest for row in rows]
    assert [after.standing(digest) for digest in digests] == ["revoked", "valid", "valid"]
    document = bytes(StatusList.objects.get().document).decode()
    assert not [d for d in digests if d.removeprefix("sha256:")[:16] in document]


def test_room_is_a_power_of_two_with_something_to_spare() -> None:
    assert [room(count) for count in (0, 1, 63, 64, 65, 127, 128)] == [64, 64, 64, 128, 128, 128, 256]


def test_what_lasts_until_a_day_lapses_by_itself_and_a_file_made_again_counts_with_its_older_one(keyed: Node) -> None:
    issued = issue(replace(GRANT, valid_until=AT.date()))
    make_files_once(AT)
    older = queries.licence(issued.id).file_digest
    Licence.objects.update(state="pending")
    make_files_once(AT + timedelta(seconds=40))
    newer = queries.licence(issued.id)

    publish_status(AT)
    assert {published().standing(each) for each in (older, newer.file_digest)} == {Standing.VALID}
    publish_status(AT + timedelta(days=1))
    assert older != newer.file_digest
    assert {published().standing(each) for each in (older, newer.file_digest)} == {Standing.LAPSED}
    assert queries.stands(newer, AT.date()) is Standing.VALID
    assert queries.stands(newer, AT.date() + timedelta(days=1)) is Standing.LAPSED
    assert queries.licences_of_holder(GRANT.holder_index, [GRANT.name], [], AT.date()) == [newer]
    assert queries.licences_of_holder(GRANT.holder_index, [GRANT.name], [], AT.date() + timedelta(days=1)) == []


def test_it_is_renewed_before_it_is_old_and_signed_by_the_node(keyed: Node) -> None:
    with pytest.raises(NotFound):
        queries.published_status()
    publish_status_once(AT)
    publish_status_once(AT + status_list.RENEW - timedelta(seconds=1))
    assert published().issued_at == AT
    publish_status_once(AT + status_list.RENEW)

    listed, signed = unpack(queries.published_status()[1])
    assert listed.issued_at == AT + status_list.RENEW
    assert suite(signed.suite).verify(keys.in_use("exchange").public, signed.data, signed.signature)


def test_one_byte_changed_anywhere_is_seen(keyed: Node) -> None:
    publish_status(AT)
    data = queries.published_status()[1]
    public, good = keys.in_use("exchange").public, 0
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ (1 << place % 7)]) + data[place + 1 :]
        try:
            _, signed = unpack(changed)
        except StatusListOdd:
            continue
        named = (signed.key_id, signed.suite) == (keys.in_use("exchange").key_id, "ed25519")
        good += named and suite("ed25519").verify(public, signed.data, signed.signature)
    assert good == 0


@pytest.mark.parametrize("wrong", [b"", b"{}", b"[]", b'{"document":""}', b"\xff"])
def test_what_is_no_list_is_refused(wrong: bytes) -> None:
    with pytest.raises(StatusListOdd):
        unpack(wrong)


def test_the_document_says_its_own_policy(keyed: Node) -> None:
    publish_status(AT)
    told = parse(decode(parse(queries.published_status()[1])["document"]))
    assert set(told) == {"v", "kind", "node", "issued_at", "fresh_until", "entries"}

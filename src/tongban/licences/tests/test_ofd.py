# SPDX-License-Identifier: Apache-2.0
"""OFD with a seal after GB/T 38540: read by another reader, checked to the last byte, structures by another parser."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import gmalg
import ofdkit
import pytest
from asn1crypto import core

from tests.world import START
from tongban.config import rekeying
from tongban.exchange import keys as node_keys
from tongban.licences import documents, queries
from tongban.licences.actions import make_files_once
from tongban.licences.checking import check_file
from tongban.licences.models import SealUse
from tongban.licences.ofd import pages
from tongban.licences.ofd.package import NotAPackage, pack, unpack
from tongban.licences.ofd.sealing import LISTED, SEAL, SIGNATURE, VALUE, SealKey, SealSaid, seal_ofd
from tongban.licences.ofd.verify import check_ofd, seal_certificate_in
from tongban.licences.seal_drawing import Seal, draw_svg
from tongban.licences.sealing import certify_sm2, make_document_key
from tongban.licences.seals import signing
from tongban.licences.tests.conftest import AT, FACTS, HEADING, Sealed
from tongban.licences.tests.test_actions import GRANT, issue
from tongban.licences.verify import Reason
from tongban.standards import node as nodes
from tongban.standards.crypto import listed_suite, suite
from tongban.standards.crypto.sm2 import SPKI_HEAD
from tongban.standards.node import Node

SM2 = suite("sm2")
PAPER = documents.compose("no_criminal_record", replace(HEADING, check_code="ABCDE-12345"), FACTS)


def key_of(private: bytes, document: bytes, node: str = "吉林省节点", code: str = "220000") -> SealKey:
    sign: Callable[[bytes], bytes] = lambda data: listed_suite("es256").sign(document, data)  # noqa: E731
    certificate = certify_sm2(SPKI_HEAD + SM2.public(private), sign, node, code, at=AT)
    return SealKey(lambda data: SM2.sign(private, data), certificate)


def said(**more: object) -> SealSaid:
    words = {"id": "seal-1", "name": "长春市公安局电子文书专用章", "made": AT, "valid_from": AT - timedelta(days=1)}
    words |= {"valid_until": AT + timedelta(days=365), "picture": draw_svg(Seal("长春市公安局", foot="演示"))}
    return SealSaid(**(words | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def private() -> bytes:
    return SM2.generate()


@pytest.fixture(scope="module")
def ofd(sealed: Sealed, private: bytes) -> bytes:
    return seal_ofd(pages.files(PAPER, AT), said(), key_of(private, sealed.private), at=AT)


def test_it_is_intact_and_tells_who_signed_when(ofd: bytes, sealed: Sealed) -> None:
    verdict = check_file(ofd, sealed.certificates)

    assert (verdict.intact, verdict.signer_node, verdict.signed_at) == (True, "430000", AT)
    assert verdict.digest == f"sha256:{sha256(ofd).hexdigest()}"
    assert check_file(sealed.data, sealed.certificates).intact  # and a PDF is told apart


def test_another_reader_finds_the_same_words(ofd: bytes) -> None:
    with ofdkit.open(ofd) as document:
        words = "".join(document.text().split())

    assert "张伟（居民身份证号码：990101199003070018）" in words
    for expected in (HEADING.title, HEADING.number, HEADING.issuer, "2026年5月3日", "ABCDE-12345"):
        assert expected in words


def test_one_byte_changed_anywhere_is_never_intact(ofd: bytes, sealed: Sealed) -> None:
    chance = random.Random(38540)
    start = ofd.index(VALUE.encode())
    places = [*range(start, len(ofd), 29), *chance.sample(range(len(ofd)), 120)]

    missed = [place for place in places if check_ofd(_changed(ofd, place, chance), sealed.certificates).intact]

    assert missed == []


@pytest.mark.slow
def test_every_byte_counts(ofd: bytes, sealed: Sealed) -> None:
    chance = random.Random(33190)
    assert [p for p in range(len(ofd)) if check_ofd(_changed(ofd, p, chance), sealed.certificates).intact] == []


def test_entries_added_left_out_or_packed_in_another_way_are_found(ofd: bytes, sealed: Sealed) -> None:
    files = unpack(ofd)
    page = "Doc_0/Pages/Page_0/Content.xml"
    altered = [
        pack(files | {"Doc_0/more.xml": b"<a/>"}),
        pack({name: data for name, data in files.items() if name != page}),
        pack(files | {page: files[page].replace("张伟".encode(), "李伟".encode())}),
        pack(dict(reversed(files.items()))),
        ofd + b"\0",
        ofd[:-1],
    ]
    deflated = BytesIO()
    with ZipFile(deflated, "w", ZIP_DEFLATED) as container:
        for name, data in files.items():
            container.writestr(name, data)

    assert [one for one in [*altered, deflated.getvalue()] if check_ofd(one, sealed.certificates).intact] == []


def test_another_implementation_of_sm2_and_sm3_comes_to_the_same(ofd: bytes, private: bytes) -> None:
    """By the generic ASN.1 reader and gmalg: digest of the signed file, seal and signature."""
    files = unpack(ofd)
    to_sign, _, algorithm, value = core.SequenceOf.load(files[VALUE], spec=core.Any)
    version, seal, _, digest, path = core.SequenceOf.load(to_sign.dump(), spec=core.Any)
    info, _, _, seal_value = core.SequenceOf.load(seal.dump(), spec=core.Any)
    point = SM2.public(private)

    assert algorithm.native == "1.2.156.10197.1.501"
    assert (version.native, path.native, seal.dump()) == (4, f"/{SIGNATURE}", files[SEAL])
    hashed = gmalg.SM3()
    hashed.update(files[SIGNATURE])
    assert core.OctetBitString.load(digest.dump()).native == hashed.value()
    checker = gmalg.SM2(pk=point, uid=b"1234567812345678")
    for signed, signature in ((to_sign, value), (info, seal_value)):
        r, s = core.SequenceOf.load(core.OctetBitString.load(signature.dump()).native, spec=core.Integer).native
        assert checker.verify(signed.dump(), r.to_bytes(32), s.to_bytes(32))


def test_who_is_not_vouched_for_by_a_listed_node_is_unknown(private: bytes, sealed: Sealed) -> None:
    other, _ = make_document_key("湖南省节点", "430000", at=AT)
    forged = seal_ofd(pages.files(PAPER, AT), said(), key_of(private, other), at=AT)

    assert check_ofd(forged, sealed.certificates).reasons == (Reason.SIGNER_UNKNOWN,)
    assert seal_certificate_in(forged) == key_of(private, other).certificate or seal_certificate_in(forged)


def test_times_outside_of_seal_and_certificate_are_refused(private: bytes, sealed: Sealed) -> None:
    key = key_of(private, sealed.private)
    over = said(valid_until=AT - timedelta(hours=1))
    made = seal_ofd(pages.files(PAPER, AT), over, key, at=AT)
    early = AT - timedelta(days=10)
    before = seal_ofd(pages.files(PAPER, AT), said(valid_from=AT - timedelta(days=30)), key, at=early)

    assert check_ofd(made, sealed.certificates).reasons == (Reason.SIGNATURE_MALFORMED,)
    assert check_ofd(before, sealed.certificates).reasons == (Reason.CERTIFICATE_NOT_IN_FORCE,)


def test_the_seal_of_one_file_does_not_fit_another(ofd: bytes, private: bytes, sealed: Sealed) -> None:
    paper = documents.compose("no_criminal_record", HEADING, FACTS | {"name": "李伟"})
    other = unpack(seal_ofd(pages.files(paper, AT), said(), key_of(private, sealed.private), at=AT))
    taken = unpack(ofd)

    for names in ((VALUE,), (VALUE, SIGNATURE), (VALUE, SEAL), (VALUE, SIGNATURE, SEAL, LISTED)):
        swapped = pack(other | {name: taken[name] for name in names})
        assert not check_ofd(swapped, sealed.certificates).intact


@pytest.mark.parametrize("wrong", [b"", b"PK\x03\x04", b"PK\x03\x04" + bytes(40), pack({"a": b""})])
def test_garbage_gets_a_verdict(wrong: bytes, sealed: Sealed) -> None:
    assert not check_file(wrong, sealed.certificates).intact


def test_pages_go_on_where_one_is_full() -> None:
    long = documents.compose("decision", HEADING, {"paragraphs": ["经审查，符合规定。" * 60] * 6})

    laid = pages.lay_out(long)

    assert len(laid) > 1
    assert all(line.y < 297 and line.x + pages.width(line.text.rstrip(), line.size) < 200 for p in laid for line in p)
    assert pages.page_count(pages.files(long, AT)) == len(laid)


def test_a_node_of_the_national_algorithms_makes_both_files_of_one_record(node: Node) -> None:
    with nodes.at(replace(node, suite="sm2")):
        issued = issue()
        make_files_once(START)
        ready = queries.licence(issued.id)
        certificates = {node.code: node_keys.certificate().decode()}
        both = [b"".join(queries.file(ready)), b"".join(queries.ofd(ready))]

        assert [check_file(each, certificates).intact for each in both] == [True, True]
        assert set(SealUse.objects.values_list("file_digest", flat=True)) == {ready.file_digest, ready.ofd_digest}
        assert queries.licence_by_file(ready.ofd_digest) == ready


def test_what_another_key_sealed_stays_valid_when_a_new_one_seals(node: Node) -> None:
    def sealed_now(subject: str) -> bytes:
        issued = issue(replace(GRANT, subject=subject))
        make_files_once(START)
        return b"".join(queries.ofd(queries.licence(issued.id)))

    with nodes.at(replace(node, suite="sm2")):
        before, number = sealed_now("case:1"), signing.newest_key()
        assert rekeying.rotate("seal", START) == number + 1 == signing.newest_key()
        after, certificates = sealed_now("case:2"), {node.code: node_keys.certificate().decode()}

        assert seal_certificate_in(before) != seal_certificate_in(after)
        assert [check_file(each, certificates).intact for each in (before, after)] == [True, True]


def test_what_is_no_package_of_ours_is_refused() -> None:
    with pytest.raises(NotAPackage):
        unpack(b"PK\x03\x04 nothing")


def _changed(data: bytes, place: int, chance: random.Random) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]

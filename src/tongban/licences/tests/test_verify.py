# SPDX-License-Identifier: Apache-2.0
"""A sealed file: accepted as it is by us and by others, and never after any change."""

import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tongban.licences import verify
from tongban.licences.seal_drawing import Seal
from tongban.licences.sealing import Signatory, make_document_key, seal_pdf
from tongban.licences.tests.conftest import AT, Sealed, pages_for
from tongban.licences.verify import Reason, check_pdf


def test_a_sealed_file_is_intact_and_tells_who_signed_when(sealed: Sealed) -> None:
    verdict = check_pdf(sealed.data, sealed.certificates)

    assert verdict.intact
    assert verdict.covers_whole
    assert (verdict.signer_node, verdict.signed_at, verdict.reasons) == ("430000", AT, ())
    assert verdict.sentences("湖南省节点")[0].startswith("核验通过")


def test_poppler_calls_the_signature_valid(sealed: Sealed, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig of poppler-utils is not installed")
    (tmp_path / "paper.pdf").write_bytes(sealed.data)

    told = subprocess.run(["pdfsig", "paper.pdf"], cwd=tmp_path, capture_output=True, check=False).stdout.decode()

    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "湖南省节点 电子文书签章" in told


def test_pyhankos_validator_trusts_it_and_sees_that_no_change_is_permitted(sealed: Sealed) -> None:
    reader = PdfFileReader(BytesIO(sealed.data))
    root = asn1_x509.Certificate.load(pem.unarmor(sealed.certificate)[2])
    context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=AT)

    status = validate_pdf_signature(reader.embedded_signatures[0], context)

    assert status.bottom_line
    assert status.docmdp_ok
    assert reader.embedded_signatures[0].docmdp_level is fields.MDPPerm.NO_CHANGES


def test_one_byte_changed_anywhere_is_never_intact(sealed: Sealed) -> None:
    chance = random.Random(2026)
    hole = sealed.data.index(b"/Contents <")
    places = [*range(hole, len(sealed.data), 41), *chance.sample(range(len(sealed.data)), 150)]

    missed = [p for p in places if check_pdf(_changed(sealed.data, p, chance), sealed.certificates).intact]

    assert missed == []


def test_other_validators_see_a_changed_byte_too(sealed: Sealed, tmp_path: Path) -> None:
    """In all that is signed; digits behind the signature's end are looked at by ours alone."""
    chance = random.Random(2027)
    start, end = verify._hole(sealed.data)
    signed = [place for place in chance.sample(range(len(sealed.data)), 16) if not start <= place < end]
    root = asn1_x509.Certificate.load(pem.unarmor(sealed.certificate)[2])
    missed = []
    for place in [*signed, start + 900]:
        changed = _changed(sealed.data, place, chance)
        if _pyhanko_accepts(changed, root) or _poppler_accepts(changed, tmp_path):
            missed.append(place)

    assert missed == []
    assert _pyhanko_accepts(sealed.data, root)


def _pyhanko_accepts(data: bytes, root: asn1_x509.Certificate) -> bool:
    context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=AT)
    try:
        return bool(validate_pdf_signature(PdfFileReader(BytesIO(data)).embedded_signatures[0], context).bottom_line)
    except Exception:  # it raises many things on a file that is broken
        return False


def _poppler_accepts(data: bytes, folder: Path) -> bool:
    if shutil.which("pdfsig") is None:
        return False
    (folder / "changed.pdf").write_bytes(data)
    told = subprocess.run(["pdfsig", "changed.pdf"], cwd=folder, capture_output=True, check=False).stdout
    return b"Signature is Valid." in told and b"Total document signed" in told


@pytest.mark.slow
def test_every_byte_of_the_signature_counts(sealed: Sealed) -> None:
    chance = random.Random(716)
    hole = sealed.data.index(b"/Contents <")

    missed = [
        place
        for place in range(hole, len(sealed.data))
        if check_pdf(_changed(sealed.data, place, chance), sealed.certificates).intact
    ]

    assert missed == []


def test_the_case_of_a_digit_of_the_signature_counts_too(sealed: Sealed) -> None:
    start, end = verify._hole(sealed.data)
    letters = [p for p in range(start, end) if sealed.data[p : p + 1].isalpha()]
    lower = [_put(sealed.data, p, sealed.data[p : p + 1].lower()) for p in letters[:40]]

    assert [one for one in lower if check_pdf(one, sealed.certificates).intact] == []


def test_bytes_put_in_taken_out_or_added_are_found(sealed: Sealed) -> None:
    data, middle = sealed.data, len(sealed.data) // 2
    altered = [data + b"\n", data[:-1], b"\n" + data, data[:middle] + b" " + data[middle:], data[:middle], data * 2]

    assert [one for one in altered if check_pdf(one, sealed.certificates).intact] == []


def test_a_later_revision_is_refused_although_the_signature_still_holds(sealed: Sealed) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(sealed.data))
    writer.root["/Later"] = writer.root["/Type"]
    writer.update_root()  # type: ignore[no-untyped-call]
    output = BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]

    verdict = check_pdf(output.getvalue(), sealed.certificates)

    assert (verdict.intact, verdict.covers_whole, verdict.reasons) == (False, False, (Reason.CHANGED_LATER,))


def test_a_second_signature_is_refused(sealed: Sealed) -> None:
    other = Signatory.load(*make_document_key("吉林省节点", "220000", at=AT))
    output = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(_without_certification(sealed))),
        signers.PdfSignatureMetadata(field_name="Second"),
        signer=other.signer,
    )

    verdict = check_pdf(output.getvalue(), sealed.certificates)

    assert verdict.reasons == (Reason.SEVERAL_SIGNATURES,)


def test_a_node_that_is_not_on_the_list_is_unknown(sealed: Sealed) -> None:
    _, certificate = make_document_key("湖南省节点", "430000", at=AT)

    assert check_pdf(sealed.data, {}).reasons == (Reason.SIGNER_UNKNOWN,)
    assert check_pdf(sealed.data, {"430000": certificate.decode()}).reasons == (Reason.SIGNER_UNKNOWN,)


def test_a_forged_certificate_with_the_nodes_name_does_not_help(sealed: Sealed) -> None:
    forger = Signatory.load(*make_document_key("湖南省节点", "430000", at=AT))
    forged = seal_pdf(pages_for("王芳·买买提"), Seal("长沙市公安局"), forger, at=AT)

    assert check_pdf(forged, sealed.certificates).reasons == (Reason.SIGNER_UNKNOWN,)


def test_a_file_sealed_by_an_older_key_stays_good_after_rotation(sealed: Sealed) -> None:
    _, newer = make_document_key("湖南省节点", "430000", at=AT)

    verdict = check_pdf(sealed.data, {"220000": [], "430000": [newer.decode(), sealed.certificate.decode()]})

    assert verdict.signer_node == "430000"


@pytest.mark.parametrize("at", [AT - timedelta(days=2), AT + timedelta(days=365 * 5 + 1)])
def test_a_signature_from_outside_the_certificates_time_is_refused(sealed: Sealed, at: datetime) -> None:
    signatory = Signatory.load(sealed.private, sealed.certificate)
    made = seal_pdf(sealed.pages, Seal("长沙市公安局"), signatory, at=at)

    assert check_pdf(made, sealed.certificates).reasons == (Reason.CERTIFICATE_NOT_IN_FORCE,)


def test_the_signature_of_one_file_does_not_fit_another(sealed: Sealed) -> None:
    signatory = Signatory.load(sealed.private, sealed.certificate)
    other = seal_pdf(pages_for("李伟"), Seal("长沙市公安局"), signatory, at=AT)
    (start, end), (from_, to) = verify._hole(other), verify._hole(sealed.data)

    swapped = other[:start] + sealed.data[from_:to] + other[end:]

    assert check_pdf(swapped, sealed.certificates).reasons == (Reason.CONTENT_CHANGED,)


def test_odd_certificates_on_the_list_harm_nobody(sealed: Sealed) -> None:
    empty = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
    odd: dict[str, str | list[str]] = {"110000": "no PEM", "120000": ["", empty]}

    assert check_pdf(sealed.data, {**odd, **sealed.certificates}).signer_node == "430000"


def test_pages_without_signature_are_told_apart_from_other_files(sealed: Sealed) -> None:
    assert check_pdf(sealed.pages, sealed.certificates).reasons == (Reason.NOT_SIGNED,)
    assert check_pdf(b"PK\x03\x04 not a PDF", sealed.certificates).reasons == (Reason.NOT_PDF,)
    assert check_pdf(b"", sealed.certificates).reasons == (Reason.NOT_PDF,)
    assert check_pdf(b"%PDF-" + bytes(verify.MAX_BYTES), sealed.certificates).reasons == (Reason.TOO_LARGE,)


RANGES = st.tuples(*[st.integers(0, 3000)] * 3).map(lambda r: b"/ByteRange [0 %d %d %d]" % r)
PIECES = st.sampled_from([b"<", b">", b"<3080", b"00>", b"/ByteRange", b"/M (D:20260503020000Z)", b"endobj", b"30"])


@given(st.lists(st.one_of(st.binary(max_size=60), RANGES, PIECES), max_size=12).map(b"".join))
def test_garbage_gets_a_verdict_and_never_an_error(sealed: Sealed, tail: bytes) -> None:
    for data in (tail, b"%PDF-1.7\n" + tail):
        verdict = check_pdf(data, sealed.certificates)
        assert not verdict.intact
        assert verdict.reasons


@given(st.binary(max_size=300))
def test_a_hole_filled_with_anything_is_refused(sealed: Sealed, filling: bytes) -> None:
    start, end = verify._hole(sealed.data)
    digits = filling.hex().upper().encode().ljust(end - start - 2, b"0")

    verdict = check_pdf(sealed.data[: start + 1] + digits + sealed.data[end - 1 :], sealed.certificates)

    assert verdict.reasons == (Reason.SIGNATURE_MALFORMED,)


def test_every_reason_has_a_sentence() -> None:
    assert {reason for reason in Reason if reason.says} == set(Reason)


def test_the_time_is_read_in_whole_seconds_of_utc(sealed: Sealed) -> None:
    signatory = Signatory.load(sealed.private, sealed.certificate)
    at = datetime(2026, 10, 11, 23, 59, 58, 999999, tzinfo=UTC)

    made = seal_pdf(sealed.pages, Seal("长沙市公安局"), signatory, at=at)

    assert check_pdf(made, sealed.certificates).signed_at == at.replace(microsecond=0)


def _changed(data: bytes, place: int, chance: random.Random) -> bytes:
    return _put(data, place, bytes([data[place] ^ (1 << chance.randrange(8))]))


def _put(data: bytes, place: int, byte: bytes) -> bytes:
    return data[:place] + byte + data[place + 1 :]


def _without_certification(sealed: Sealed) -> bytes:
    """The same file, lying that changes are permitted, so that pyHanko is willing to sign it again."""
    return sealed.data.replace(b"/P 1\n", b"/P 3\n")

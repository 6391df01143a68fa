# SPDX-License-Identifier: Apache-2.0
"""A sealed certificate for 张伟 from the node of Hunan, made once for all tests of this noun."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from tongban.licences import documents
from tongban.licences.seal_drawing import Seal
from tongban.licences.sealing import Signatory, make_document_key, seal_pdf
from tongban.licences.typesetting import typeset

AT = datetime(2026, 5, 3, 2, 0, tzinfo=UTC)
FACTS = {
    "name": "张伟",
    "id_type": "居民身份证",
    "id_number": "990101199003070018",
    "from": "2010-09-01",
    "until": "2026-05-03",
}
HEADING = documents.Heading(
    title="无犯罪记录证明",
    number="430100通证〔2026〕0000123号",
    identifier="",
    issuer="长沙市公安局（演示）",
    dated=date(2026, 5, 3),
    node="湖南省节点",
    address="http://430000.localhost:8001/verify/0196a1f2-7c3e-7d10-9c55-2b9a4a8f1c77",
    demonstration=True,
)


@dataclass(frozen=True)
class Sealed:
    """A file with all that is needed to check it or to make another."""

    pages: bytes
    data: bytes
    private: bytes
    certificate: bytes

    @property
    def certificates(self) -> dict[str, str]:
        return {"430000": self.certificate.decode()}


def pages_for(name: str) -> bytes:
    """The unsealed pages of a certificate for somebody."""
    paper = documents.compose("no_criminal_record", HEADING, FACTS | {"name": name})
    return typeset(paper, at=AT)


@pytest.fixture(scope="session")
def sealed() -> Sealed:
    private, certificate = make_document_key("湖南省节点", "430000", at=AT)
    pages = pages_for("张伟")
    signatory = Signatory.load(private, certificate)
    data = seal_pdf(pages, Seal("长沙市公安局", foot="演示"), signatory, at=AT)
    return Sealed(pages, data, private, certificate)

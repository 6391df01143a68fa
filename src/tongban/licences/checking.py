# SPDX-License-Identifier: Apache-2.0
"""Whether a file is what a node of the federation sealed, whichever form it has. Pure."""

from tongban.licences.ofd.package import MAGIC
from tongban.licences.ofd.verify import check_ofd
from tongban.licences.verify import Certificates, Verdict, check_pdf


def check_file(data: bytes, certificates: Certificates) -> Verdict:
    """The verdict on a PDF or an OFD."""
    return check_ofd(data, certificates) if data.startswith(MAGIC) else check_pdf(data, certificates)

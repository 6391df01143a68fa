# SPDX-License-Identifier: Apache-2.0
"""Where to go after signing in: a page of this site, never another site."""

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000  # characters


def local(path: str, otherwise: str = "/") -> str:
    """The path when it stays on this site, else the other one."""
    stays = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    printable = path.isprintable() and "\\" not in path
    return path if stays and printable and len(path) <= LONGEST else otherwise

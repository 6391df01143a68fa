# SPDX-License-Identifier: Apache-2.0
"""Reads a node's folder: node.toml and the secrets beside it."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tongban.reminders.quiet import Quiet
from tongban.standards.actor import Role
from tongban.standards.node import Bucket, Node, Tls, Token
from tongban.vault import locks

TOKEN_USES = ("exchange", "document")
ROLES = tuple(str(role) for role in Role)
SECOND_FACTOR = [
    str(role) for role in (Role.OPERATOR, Role.AUDITOR, Role.HALL_MANAGER, Role.APPROVER, Role.SECOND_APPROVER)
]


class BadHome(Exception):
    """The node folder is missing something; the sentence says what."""


@dataclass(frozen=True)
class Home:
    """All that a process must know before it can start."""

    node: Node
    database_url: str
    trusted_hosts: tuple[str, ...]


def read(folder: Path) -> Home:
    """The node described in folder/node.toml. BadHome when it cannot be used."""
    file = folder / "node.toml"
    if not file.is_file():
        raise BadHome(f"{folder} is not a node folder: node.toml is missing")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    wanted = ("code", "name", "suite", "address", "dial", "hub", "database_url")
    missing = [key for key in wanted if not isinstance(table.get(key), str)]
    if missing:
        raise BadHome(f"{file} lacks {', '.join(missing)}")
    node = Node(
        code=table["code"],
        name=table["name"],
        suite=table["suite"],
        address=table["address"],
        dial=table["dial"],
        home=folder,
        hub=table["hub"],
        demo=bool(table.get("demo", False)) and os.environ.get("TONGBAN_DEMO") == "1",  # both must say so
        identity_source=_outside(table, file, "identity_source"),
        identity_limit=int(table.get("identity_limit", 60)),
        sms_gateway=_outside(table, file, "sms_gateway"),
        scanner=_scanner(table, file),
        mail_server=_mail_server(table, file),
        mail_from=str(table.get("mail_from", "")),
        quiet=_quiet(table, file),
        second_factor=_second_factor(table, file),
        keep_years=int(table.get("keep_years", Node.keep_years)),
        upload_days=int(table.get("upload_days", Node.upload_days)),
        witness_every=int(table.get("witness_every", 60)),
        unlock=unlock(folder),
        token=_token(table, file),
        bucket=_bucket(table, file),
        tls=_tls(table, file),
        certificate_authorities=_optional(table, file, "certificate_authorities"),
        authorities=_optional(table, file, "authorities"),
    )
    hosts = tuple(str(host) for host in table.get("hosts", ())) or (f"{node.code}.localhost", "127.0.0.1")
    return Home(node=node, database_url=table["database_url"], trusted_hosts=hosts)


def _scanner(table: dict[str, Any], file: Path) -> str:
    """Where ClamAV's daemon listens; it is shown files in clear, so on this machine only."""
    address = str(table.get("scanner", ""))
    if address and not (address.startswith("unix:///") or urlsplit(address).hostname in ("127.0.0.1", "::1")):
        raise BadHome(f"{file}: scanner is unix:///… or tcp://127.0.0.1:port")
    return address


def _outside(table: dict[str, Any], file: Path, name: str) -> str:
    """An address to which numbers go in clear, so only by TLS or within the machine."""
    address = str(table.get(name, ""))
    parts = urlsplit(address)
    if address and parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise BadHome(f"{file}: {name} must begin with https:// or http://127.0.0.1")
    return address


def _mail_server(table: dict[str, Any], file: Path) -> str:
    """Letters name matters, so they leave the machine only by TLS, from the start or by STARTTLS."""
    server = str(table.get("mail_server", ""))
    parts = urlsplit(server)
    if server and (parts.scheme not in ("smtp", "smtps") or not parts.port or "@" not in str(table.get("mail_from"))):
        raise BadHome(f"{file}: mail_server is smtp://host:port or smtps://host:port, and mail_from an address")
    return server


def _quiet(table: dict[str, Any], file: Path) -> str:
    """The hours as they are written, if they can be read."""
    words = str(table.get("quiet", Node.quiet))
    try:
        Quiet.of(words)
    except ValueError as odd:
        raise BadHome(f"{file}: quiet is two times of the day, e.g. 22:00-08:00, or empty") from odd
    return words


def _second_factor(table: dict[str, Any], file: Path) -> tuple[str, ...]:
    """The roles that need one; where nothing is said those that can do most, and in a demonstration none."""
    said = table.get("second_factor", [] if table.get("demo") else SECOND_FACTOR)
    if not isinstance(said, list) or not all(role in ROLES for role in said):
        raise BadHome(f"{file}: second_factor is a list of roles: {', '.join(ROLES)}")
    return tuple(said)


def unlock(folder: Path) -> Path | None:
    """Where the unlocking secret lies, if somebody said; inside the home it would protect nothing."""
    said = os.environ.get("TONGBAN_UNLOCK_FILE", "")
    if said and Path(said).absolute().is_relative_to(folder.absolute()):
        raise BadHome(f"TONGBAN_UNLOCK_FILE must lie outside {folder}")
    return Path(said).absolute() if said else None


def _token(table: dict[str, Any], file: Path) -> Token | None:
    """The [token] table of node.toml: module, label, and for each use in hardware the labels of its keys, by comma."""
    words = table.get("token")
    if words is None:
        return None
    if not isinstance(words, dict) or not all(isinstance(value, str) for value in words.values()):
        raise BadHome(f"{file}: [token] holds words only")
    if not {"module", "label"} <= set(words) <= {"module", "label", *TOKEN_USES}:
        raise BadHome(f"{file}: [token] has module, label and one of {', '.join(TOKEN_USES)}")
    labels = ((use, label.strip()) for use in TOKEN_USES for label in words.get(use, "").split(","))
    pairs = tuple((use, label) for use, label in labels if label)
    return Token(module=words["module"], label=words["label"], keys=pairs)


def _bucket(table: dict[str, Any], file: Path) -> Bucket | None:
    """The [bucket] table of node.toml: name and endpoint, and where they differ region and prefix."""
    words = table.get("bucket")
    if words is None:
        return None
    if not isinstance(words, dict) or not all(isinstance(value, str) for value in words.values()):
        raise BadHome(f"{file}: [bucket] holds words only")
    if not {"name", "endpoint"} <= set(words) <= {"name", "endpoint", "region", "prefix"}:
        raise BadHome(f"{file}: [bucket] has name, endpoint and, where they are needed, region and prefix")
    return Bucket(**words | {"endpoint": _outside(words, file, "endpoint")})


def _tls(table: dict[str, Any], file: Path) -> Tls | None:
    """The [tls] table of node.toml: certificate and key, files beside it or by their whole path."""
    words = table.get("tls")
    if words is None:
        return None
    if not isinstance(words, dict) or set(words) != {"certificate", "key"}:
        raise BadHome(f"{file}: [tls] has certificate and key")
    return Tls(certificate=_file(words["certificate"], file), key=_file(words["key"], file))


def _optional(table: dict[str, Any], file: Path, name: str) -> Path | None:
    said = table.get(name)
    return None if said is None else _file(said, file)


def _file(said: object, beside: Path) -> Path:
    """A file that node.toml names. BadHome when it is not there."""
    found = beside.parent / str(said)
    if not found.is_file():
        raise BadHome(f"{beside}: there is no file {said}")
    return found


def secret(node: Node, name: str) -> bytes:
    """One secret of the node, opened; what an earlier version left in the clear is sealed first. BadHome, Locked."""
    if not (node.secrets / name).is_file():
        raise BadHome(f"{node.secrets / name} is missing; 'tongban node init' makes it")
    locks.make(node)
    return locks.read(node, name)

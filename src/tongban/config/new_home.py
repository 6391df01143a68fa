# SPDX-License-Identifier: Apache-2.0
"""Writes a node's folder: node.toml and the secrets that are made at first start."""

import json
import os
import secrets
from pathlib import Path

from tongban.standards.node import Node
from tongban.vault import locks

SECRETS = ("django", "kek", "index")
LENGTH = 32  # bytes of each secret


def write(node: Node, database_url: str, hosts: tuple[str, ...] = ()) -> None:
    """Bring node.toml to what is said and make the secrets that are missing; none is ever replaced."""
    for folder in (node.home, node.secrets, node.home / "files", node.home / "logs"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    for name in SECRETS:
        locks.keep(node, name, secrets.token_bytes(LENGTH))
    _replace(node.home / "node.toml", _toml(node, database_url, hosts))


def keep(file: Path, secret: bytes) -> bytes:
    """Write a secret unless there is one (0600). What the file holds now."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(secret)
    except FileExistsError:
        pass
    return file.read_bytes()


def _toml(node: Node, database_url: str, hosts: tuple[str, ...]) -> str:
    words = {name: getattr(node, name) for name in ("code", "name", "suite", "address", "dial", "hub")}
    lines = [f"{name} = {_quoted(value)}" for name, value in (words | {"database_url": database_url}).items()]
    if node.identity_source:
        lines.append(f"identity_source = {_quoted(node.identity_source)}")
    if node.sms_gateway:
        lines.append(f"sms_gateway = {_quoted(node.sms_gateway)}")
    if node.mail_server:
        lines += [f"mail_server = {_quoted(node.mail_server)}", f"mail_from = {_quoted(node.mail_from)}"]
    lines.append(f"quiet = {_quoted(node.quiet)}")
    if node.second_factor:
        lines.append(f"second_factor = [{', '.join(map(_quoted, node.second_factor))}]")
    lines.append(f"demo = {'true' if node.demo else 'false'}")
    if hosts:
        lines.append(f"hosts = [{', '.join(map(_quoted, hosts))}]")
    if node.certificate_authorities:
        lines.append(f"certificate_authorities = {_quoted(str(node.certificate_authorities))}")
    if node.authorities:
        lines.append(f"authorities = {_quoted(str(node.authorities))}")
    if node.tls:
        lines += [
            "",
            "[tls]",
            f"certificate = {_quoted(str(node.tls.certificate))}",
            f"key = {_quoted(str(node.tls.key))}",
        ]
    if node.token:
        lines += ["", "[token]", f"module = {_quoted(node.token.module)}", f"label = {_quoted(node.token.label)}"]
        labels = {use: [label for each, label in node.token.keys if each == use] for use, _ in node.token.keys}
        lines += [f"{use} = {_quoted(', '.join(several))}" for use, several in labels.items()]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML basic string


def _replace(file: Path, text: str) -> None:
    """Whole or not at all: processes of the node may be reading it."""
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    keep(new, text.encode())
    new.replace(file)

# SPDX-License-Identifier: Apache-2.0
"""An exchange that is dialled by HTTPS: peers know it by its certificate, and speak to nobody else in its place."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.journeys.running import Demo, wait_until
from tongban.config import home, new_home
from tongban.demo import processes
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Answer, HttpTransport
from tongban.standards import clock
from tongban.standards.node import Node, Tls

HUNAN, LIST = "430000", "/exchange/trust-list"


@dataclass(frozen=True)
class Dialled:
    """A node's exchange at an address of its own, and who vouches for it."""

    node: Node
    log: Path

    def ask(self, authorities: Path, scheme: str = "https") -> Answer:
        """What a peer that trusts these authorities is told."""
        address = self.node.dial.replace("https", scheme)
        return HttpTransport(authorities=authorities).ask("GET", address + LIST, {}, b"")


@pytest.fixture(scope="module")
def dialled(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialled]:
    """Hunan's exchange once more, from a copy of its folder, with a certificate."""
    folder, usual = tmp_path_factory.mktemp("https"), demo.nodes[HUNAN]
    moved = replace(
        usual,
        home=folder / HUNAN,
        dial=f"https://127.0.0.1:{_free_port()}",
        tls=certificate(folder, "ours"),
        authorities=folder / "ours.crt",
    )
    shutil.copytree(usual.home / "secrets", moved.secrets)
    shutil.copyfile(usual.unlock_file, moved.unlock_file)
    moved.unlock_file.chmod(0o600)
    new_home.write(moved, home.read(usual.home).database_url)
    log = folder / "exchange.log"
    command = [sys.executable, "-m", "tongban.cli", "node", "serve", "exchange", "--home", str(moved.home)]
    with log.open("wb") as told:
        server = subprocess.Popen(command, env=demo.environment, stdout=told, stderr=told, start_new_session=True)
    serving = Dialled(moved, log)
    try:
        wait_until(lambda: _answers(serving), lambda: log.read_text(errors="replace"))
        yield serving
    finally:
        server.terminate()
        server.wait(20)
        processes.end(server.pid)


def certificate(folder: Path, name: str) -> Tls:
    """A key, and a certificate of this machine that vouches for itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = Tls(certificate=folder / f"{name}.crt", key=folder / f"{name}.key")
    files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(dialled: Dialled) -> bool:
    try:
        return dialled.ask(dialled.node.home.parent / "ours.crt").status == 200
    except Unreachable:
        return False


def test_who_knows_its_certificate_is_handed_the_trust_list(demo: Demo, dialled: Dialled) -> None:
    usual = demo.nodes[HUNAN]
    plainly = HttpTransport().ask("GET", usual.dial + LIST, {}, b"")

    secured = dialled.ask(dialled.node.home.parent / "ours.crt")

    assert (secured.status, secured.body) == (200, plainly.body)


def test_whoever_shows_a_strangers_certificate_is_not_spoken_to(dialled: Dialled, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="SSLError"):
        dialled.ask(certificate(tmp_path, "strange").certificate)


def test_without_https_it_says_nothing(dialled: Dialled) -> None:
    with pytest.raises(Unreachable):
        dialled.ask(dialled.node.home.parent / "ours.crt", scheme="http")


def test_a_certificate_that_is_not_there_stops_the_start_by_name(dialled: Dialled, demo: Demo) -> None:
    toml = dialled.node.home / "node.toml"
    was = toml.read_text(encoding="utf-8")
    toml.write_text(was.replace("ours.key", "nobodys.key"), encoding="utf-8")
    try:
        done = demo.tongban("node", "serve", "exchange", "--home", str(dialled.node.home))
    finally:
        toml.write_text(was, encoding="utf-8")

    assert done.returncode != 0
    assert f"{os.sep}nobodys.key" in done.stdout + done.stderr

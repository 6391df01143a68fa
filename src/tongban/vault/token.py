# SPDX-License-Identifier: Apache-2.0
"""Keys that never leave a cryptographic token, by PKCS#11; the library for it is an extra (tongban[pkcs11])."""

import hashlib
import os
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from asn1crypto.core import OctetString

from tongban.standards.node import Node, Token
from tongban.vault import locks
from tongban.vault.errors import TokenFailed

try:
    import pkcs11
except ImportError:  # a node that keeps its keys in files needs none
    pkcs11 = None  # type: ignore[assignment]

Value = TypeVar("Value")
PIN = "pin"  # the name of the token's PIN among the secrets
ED25519, P256 = "06032b6570", "06082a8648ce3d030107"  # curves as tokens name them: DER of 1.3.101.112, prime256v1


def sign(node: Node, label: str, suite: str, data: bytes) -> bytes:
    """A signature in the suite's own form. TokenFailed names the token and what it said."""
    return _opened(node, os.getpid()).sign(label, suite, data)


def public(node: Node, label: str, suite: str) -> bytes:
    """The public key of this label as the suite wants it. TokenFailed when there is none of the kind."""
    return _opened(node, os.getpid()).public(label, suite)


def make_key(node: Node, label: str, suite: str) -> bytes:
    """Make a key pair inside the token. Its public key."""
    return _opened(node, os.getpid()).make_key(label, suite)


@lru_cache(maxsize=16)
def _opened(node: Node, process: int) -> "_Opened":
    """For each process its own: PKCS#11 does not survive a fork."""
    if node.token is None:
        raise TokenFailed(token="", why="node.toml 没有 [token]")
    return _shared(node.token.module, node.token.label, locks.read(node, PIN).decode(), process)


@lru_cache(maxsize=16)
def _shared(module: str, label: str, pin: str, process: int) -> "_Opened":
    """A process is logged in to a token once, whatever a node's settings say besides."""
    return _Opened(Token(module, label), pin)


class _Opened:
    """A session in which one thread at a time works; it is opened again when the token was taken out in between."""

    def __init__(self, place: Token, pin: str) -> None:
        self._place, self._pin = place, pin
        self._session: Any = None
        self._keys: dict[str, Any] = {}
        self._alone = threading.RLock()

    def sign(self, label: str, suite: str, data: bytes) -> bytes:
        kinds = _kinds(self._place, suite)
        shown = hashlib.sha256(data).digest() if suite == "es256" else data

        def signed() -> bytes:
            if label not in self._keys:
                wanted = {"object_class": pkcs11.ObjectClass.PRIVATE_KEY, "key_type": kinds.key, "label": label}
                self._keys[label] = self._session.get_key(**wanted)
            return bytes(self._keys[label].sign(shown, mechanism=kinds.sign))

        return self._do(signed)

    def public(self, label: str, suite: str) -> bytes:
        kinds = _kinds(self._place, suite)

        def read() -> bytes:
            wanted = {"object_class": pkcs11.ObjectClass.PUBLIC_KEY, "key_type": kinds.key, "label": label}
            return _point(self._session.get_key(**wanted), kinds.size)

        return self._do(read)

    def make_key(self, label: str, suite: str) -> bytes:
        kinds = _kinds(self._place, suite)

        def made() -> bytes:
            with self._library_token().open(rw=True, user_pin=self._pin) as writing:
                curve = {pkcs11.Attribute.EC_PARAMS: bytes.fromhex(kinds.curve)}
                domain = writing.create_domain_parameters(kinds.key, curve, local=True)
                key, _ = domain.generate_keypair(mechanism=kinds.make, store=True, label=label)
                return _point(key, kinds.size)

        if self._has(label, kinds.key):
            raise TokenFailed(token=self._place.label, why=f"已有标签为 {label} 的密钥")
        self._close()
        return self._do(made, in_session=False)

    def _has(self, label: str, key_type: Any) -> bool:
        def found() -> bool:
            wanted = {pkcs11.Attribute.LABEL: label, pkcs11.Attribute.KEY_TYPE: key_type}
            return any(True for _ in self._session.get_objects(wanted))

        return self._do(found)

    def _do(self, what: Callable[[], Value], *, in_session: bool = True) -> Value:
        """Once more with a new session when the first one was lost; a wrong key or PIN stays wrong."""
        with self._alone:
            for last in (False, True):
                try:
                    if in_session and self._session is None:
                        self._session = self._library_token().open(user_pin=self._pin)
                    return what()
                except (pkcs11.PKCS11Error, RuntimeError) as why:
                    self._close()
                    if last or not isinstance(why, _LOST):
                        raise TokenFailed(token=self._place.label, why=type(why).__name__) from why
        raise AssertionError("the second try returned or raised")

    def _library_token(self) -> Any:
        return pkcs11.lib(self._place.module).get_token(token_label=self._place.label)

    def _close(self) -> None:
        session, self._session = self._session, None
        self._keys.clear()
        if session is not None:
            try:
                session.close()
            except pkcs11.PKCS11Error:
                return  # it is gone already


class _Kinds:
    """What a suite is called in PKCS#11."""

    def __init__(self, key: Any, sign: Any, make: Any, curve: str, size: int) -> None:
        self.key, self.sign, self.make, self.curve, self.size = key, sign, make, curve, size


def _kinds(place: Token, suite: str) -> _Kinds:
    if pkcs11 is None:
        raise TokenFailed(token=place.label, why="没有安装 python-pkcs11，请安装 tongban[pkcs11]")
    kinds, ways = pkcs11.KeyType, pkcs11.Mechanism
    if suite == "ed25519":
        return _Kinds(kinds.EC_EDWARDS, ways.EDDSA, ways.EC_EDWARDS_KEY_PAIR_GEN, ED25519, 32)
    if suite == "es256":
        return _Kinds(kinds.EC, ways.ECDSA, ways.EC_KEY_PAIR_GEN, P256, 65)
    # PKCS#11 names no SM2: each vendor has mechanisms of its own, which belong in a row here.
    raise TokenFailed(token=place.label, why=f"PKCS#11 没有统一的 {suite} 机制，本程序还不认识这家厂商的")


def _point(key: Any, size: int) -> bytes:
    """Tokens give the point in an OCTET STRING or bare."""
    told = bytes(key[pkcs11.Attribute.EC_POINT])
    return told if len(told) == size else bytes(OctetString.load(told).native)


_LOST = (
    (
        pkcs11.SessionHandleInvalid,
        pkcs11.SessionClosed,
        pkcs11.DeviceRemoved,
        pkcs11.DeviceError,
        pkcs11.UserNotLoggedIn,
        pkcs11.ObjectHandleInvalid,
        pkcs11.KeyHandleInvalid,
    )
    if pkcs11
    else ()
)

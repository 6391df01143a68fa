# SPDX-License-Identifier: Apache-2.0
"""SM2 with SM3 (GB/T 32918, GB/T 32905) by the system's libcrypto; no Python package has SM2."""

import ctypes
import ctypes.util
import hashlib
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_void_p
from functools import cache, lru_cache
from typing import Any

from tongban.standards.refusal import Refusal

USER_ID = b"1234567812345678"  # GB/T 35276 §10: the identity where two parties agreed on no other
SIGNATURE_ROOM = 80  # DER of two whole numbers of 256 bits needs at most 72
KEYS_KEPT = 256
SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")  # X.509 before the point

_FUNCTIONS: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("OpenSSL_version_num", ctypes.c_ulong, ()),
    ("ERR_clear_error", None, ()),
    ("BIO_new", c_void_p, (c_void_p,)),
    ("BIO_s_mem", c_void_p, ()),
    ("BIO_new_mem_buf", c_void_p, (c_char_p, c_int)),
    ("BIO_ctrl", c_long, (c_void_p, c_int, c_long, c_void_p)),
    ("BIO_read", c_int, (c_void_p, c_char_p, c_int)),
    ("BIO_free_all", None, (c_void_p,)),
    ("PEM_read_bio_PrivateKey", c_void_p, (c_void_p, c_void_p, c_void_p, c_char_p)),
    ("PEM_write_bio_PrivateKey", c_int, (c_void_p, c_void_p) + (c_void_p,) * 5),
    ("d2i_PUBKEY", c_void_p, (c_void_p, POINTER(POINTER(c_ubyte)), c_long)),
    ("EVP_PKEY_free", None, (c_void_p,)),
    ("EVP_PKEY_is_a", c_int, (c_void_p, c_char_p)),
    ("EVP_PKEY_get_octet_string_param", c_int, (c_void_p, c_char_p, c_char_p, c_size_t, POINTER(c_size_t))),
    ("EVP_PKEY_CTX_new_from_name", c_void_p, (c_void_p, c_char_p, c_char_p)),
    ("EVP_PKEY_CTX_new", c_void_p, (c_void_p, c_void_p)),
    ("EVP_PKEY_CTX_free", None, (c_void_p,)),
    ("EVP_PKEY_CTX_set1_id", c_int, (c_void_p, c_char_p, c_int)),
    ("EVP_PKEY_keygen_init", c_int, (c_void_p,)),
    ("EVP_PKEY_generate", c_int, (c_void_p, POINTER(c_void_p))),
    ("EVP_PKEY_encrypt_init", c_int, (c_void_p,)),
    ("EVP_PKEY_encrypt", c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    ("EVP_PKEY_decrypt_init", c_int, (c_void_p,)),
    ("EVP_PKEY_decrypt", c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    ("EVP_MD_CTX_new", c_void_p, ()),
    ("EVP_MD_CTX_free", None, (c_void_p,)),
    ("EVP_MD_CTX_set_pkey_ctx", None, (c_void_p, c_void_p)),
    ("EVP_sm3", c_void_p, ()),
    ("EVP_DigestSignInit", c_int, (c_void_p,) * 5),
    ("EVP_DigestSign", c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    ("EVP_DigestVerifyInit", c_int, (c_void_p,) * 5),
    ("EVP_DigestVerify", c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
)


class SM2Unavailable(Refusal):
    """This machine's libcrypto is missing, older than 3.0, or built without SM2."""

    code, status = "sm2_unavailable", 503
    says = "本机缺少国密算法 SM2/SM3：{why}。请安装 OpenSSL 3.0 或更高版本（libcrypto.so.3）。"


class SM2:
    """The suite of nodes that use the national algorithms: keys are PKCS#8 PEM and 65-byte points."""

    name = "sm2"
    hash_name = "sm3"

    def hash(self, data: bytes) -> bytes:
        """SM3 of data, 32 bytes."""
        try:
            return hashlib.new("sm3", data).digest()
        except ValueError as why:
            raise SM2Unavailable(why="没有 SM3") from why

    def digest(self, data: bytes) -> str:
        """The same as a tagged word: sm3:<hex>."""
        return f"sm3:{self.hash(data).hex()}"

    def generate(self) -> bytes:
        """A new private key, PKCS#8 PEM."""
        return _written(_generated())

    def public(self, private: bytes) -> bytes:
        """The point 04‖x‖y of a private key, 65 bytes. ValueError when it is no SM2 key."""
        return _point(_private_key(private))

    def sign(self, private: bytes, data: bytes) -> bytes:
        """A DER signature of SM3(Z‖data) under the default identity. ValueError when it is no SM2 key."""
        lib, key = _library(), _private_key(private)
        room, size = ctypes.create_string_buffer(SIGNATURE_ROOM), c_size_t(SIGNATURE_ROOM)
        with _Digest(key, lib.EVP_DigestSignInit) as digest:
            _must(lib.EVP_DigestSign(digest, room, byref(size), data, len(data)))
        return room.raw[: size.value]

    def verify(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """Whether this key signed this data; false for anything malformed."""
        lib = _library()
        try:
            with _Digest(_public_key(public), lib.EVP_DigestVerifyInit) as digest:
                return bool(lib.EVP_DigestVerify(digest, signature, len(signature), data, len(data)) == 1)
        except ValueError:
            return False
        finally:
            lib.ERR_clear_error()  # what stays in this thread's queue would surprise the next TLS call


@cache
def _library() -> ctypes.CDLL:
    found = "libcrypto.so.3"
    try:
        lib = _loaded(found)
        for name, result, arguments in _FUNCTIONS:
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as why:
        raise SM2Unavailable(why=f"{found} 不可用（{why}）") from why
    if lib.OpenSSL_version_num() < 0x30000000:
        raise SM2Unavailable(why=f"{found} 版本过低")
    return lib


def _loaded(name: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return ctypes.CDLL(ctypes.util.find_library("crypto") or name)  # slow: it asks a compiler


class _Key:
    """A parsed EVP_PKEY, freed when nobody holds it any more."""

    def __init__(self, handle: int, free: Callable[[int], None]) -> None:
        self.handle = handle
        self._free = free

    def __del__(self) -> None:
        self._free(self.handle)


class _Digest:
    """An EVP_MD_CTX ready to sign or verify with SM3 and the default identity; freed at the end."""

    def __init__(self, key: _Key, init: Callable[..., int]) -> None:
        self.lib, self.key, self.init = _library(), key, init
        self.options = self.context = None

    def __enter__(self) -> c_void_p | None:
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self.context

    def _open(self) -> None:
        lib = self.lib
        self.context = lib.EVP_MD_CTX_new()
        self.options = lib.EVP_PKEY_CTX_new(self.key.handle, None)
        _must(self.context and self.options)
        _must(lib.EVP_PKEY_CTX_set1_id(self.options, USER_ID, len(USER_ID)))
        lib.EVP_MD_CTX_set_pkey_ctx(self.context, self.options)
        _must(self.init(self.context, None, lib.EVP_sm3(), None, self.key.handle))

    def __exit__(self, *_: object) -> None:
        self.lib.EVP_MD_CTX_free(self.context)
        self.lib.EVP_PKEY_CTX_free(self.options)  # lent, not given, to the context above


def encrypt(public: bytes, data: bytes) -> bytes:
    """DER of C1, C3, C2 (GB/T 32918.4, GB/T 35276), for a few bytes. ValueError when it is no SM2 key."""
    lib = _library()
    return _ciphered(_public_key(public), data, lib.EVP_PKEY_encrypt_init, lib.EVP_PKEY_encrypt)


def decrypt(private: bytes, ciphertext: bytes) -> bytes:
    """What was encrypted. ValueError when it was altered or is for another key."""
    lib = _library()
    return _ciphered(_private_key(private), ciphertext, lib.EVP_PKEY_decrypt_init, lib.EVP_PKEY_decrypt)


@lru_cache(KEYS_KEPT)
def _private_key(pem: bytes) -> _Key:
    lib = _library()
    source = lib.BIO_new_mem_buf(pem, len(pem))
    try:
        # the empty passphrase keeps libcrypto from asking for one at a terminal
        return _sm2_key(lib.PEM_read_bio_PrivateKey(source, None, None, b""))
    finally:
        lib.BIO_free_all(source)


@lru_cache(KEYS_KEPT)
def _public_key(point: bytes) -> _Key:
    """Parsing checks that the point lies on the curve."""
    if len(point) != 65 or point[0] != 4:
        raise ValueError("an SM2 public key is 04‖x‖y, 65 bytes")
    der = (c_ubyte * (len(SPKI_HEAD) + 65)).from_buffer_copy(SPKI_HEAD + point)
    start = ctypes.cast(der, POINTER(c_ubyte))
    return _sm2_key(_library().d2i_PUBKEY(None, byref(start), len(der)))


def _sm2_key(handle: int | None) -> _Key:
    lib = _library()
    if not handle:
        lib.ERR_clear_error()
        raise ValueError("not an SM2 key")
    key = _Key(handle, lib.EVP_PKEY_free)
    if not lib.EVP_PKEY_is_a(handle, b"SM2"):
        raise ValueError("a key of another kind, not SM2")
    return key


def _generated() -> _Key:
    lib = _library()
    context, handle = lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), c_void_p()
    if not context:
        lib.ERR_clear_error()
        raise SM2Unavailable(why="libcrypto 未编入 SM2")
    try:
        _must(lib.EVP_PKEY_keygen_init(context))
        _must(lib.EVP_PKEY_generate(context, byref(handle)))
    finally:
        lib.EVP_PKEY_CTX_free(context)
    return _sm2_key(handle.value)


def _written(key: _Key) -> bytes:
    lib = _library()
    memory = lib.BIO_new(lib.BIO_s_mem())
    try:
        _must(memory)
        _must(lib.PEM_write_bio_PrivateKey(memory, key.handle, None, None, None, None, None))
        room = ctypes.create_string_buffer(lib.BIO_ctrl(memory, 10, 0, None))  # 10 asks how much is there
        _must(lib.BIO_read(memory, room, len(room)))
        return room.raw
    finally:
        lib.BIO_free_all(memory)


def _point(key: _Key) -> bytes:
    room, size = ctypes.create_string_buffer(65), c_size_t()
    _must(_library().EVP_PKEY_get_octet_string_param(key.handle, b"pub", room, 65, byref(size)))
    return room.raw[: size.value]


def _ciphered(key: _Key, data: bytes, init: Callable[..., int], work: Callable[..., int]) -> bytes:
    lib = _library()
    context, size = lib.EVP_PKEY_CTX_new(key.handle, None), c_size_t()
    try:
        _must(context)
        _must(init(context))
        _must(work(context, None, byref(size), data, len(data)))
        room = ctypes.create_string_buffer(size.value)
        _must(work(context, room, byref(size), data, len(data)))
        return room.raw[: size.value]
    finally:
        lib.EVP_PKEY_CTX_free(context)


def _must(done: Any) -> None:
    """libcrypto says 1 for done. ValueError otherwise, with the thread's error queue left empty."""
    if not done or (isinstance(done, int) and done < 0):
        _library().ERR_clear_error()
        raise ValueError("libcrypto refused this operation")

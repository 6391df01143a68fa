# SPDX-License-Identifier: Apache-2.0
"""Files in a bucket that speaks S3: what many machines share, or what a data centre keeps for its tenants."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from obstore.store import S3Store

from tongban.standards.node import Bucket
from tongban.vault.errors import FileMissing, StoreAway
from tongban.vault.stores.made import Made

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

PART = 8 << 20  # bytes that are sent at once, so that a file of any size needs little memory
MOST_SEEN = 20_000  # folders whose names are remembered in this process
TRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
PATIENCE: "ClientConfig" = {"connect_timeout": "3s", "timeout": "60s"}  # of one request


class BucketStore:
    """See stores.Store. What is away, or refuses the key, is StoreAway."""

    def __init__(self, bucket: Bucket, access: tuple[str, str]) -> None:
        self._prefix = f"{bucket.prefix.strip('/')}/" if bucket.prefix else ""
        identifier, secret = access
        self._seen: dict[str, frozenset[str]] = {}  # by folder, what was there when it was last looked at
        self._bucket = S3Store(
            bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=identifier,
            secret_access_key=secret,
            virtual_hosted_style_request=False,
            client_options={"allow_http": bucket.endpoint.startswith("http://"), **PATIENCE},
            retry_config=TRIES,
        )

    def size(self, folder: str, name: str) -> int | None:
        """Bytes of the sealed file; None when there is none."""
        with _told():
            try:
                return self._bucket.head(self._path(folder, name))["size"]
            except FileNotFoundError:
                return None

    def which(self, folder: str, names: Collection[str]) -> Collection[str]:
        """Those of these that are there; nothing is asked about what was seen before, since no file ever changes."""
        if not self._seen.get(folder, frozenset()).issuperset(names):
            with _told():
                listed = self._bucket.list(f"{self._prefix}{folder}")
                self._note(folder, (each["path"].rpartition("/")[2] for found in listed for each in found))
        return self._seen.get(folder, frozenset()).intersection(names)

    def part(self, folder: str, name: str, start: int, length: int) -> bytes:
        """So many sealed bytes from there, fewer at the end. FileMissing."""
        with _told():
            try:
                return bytes(self._bucket.get_range(self._path(folder, name), start=start, length=length))
            except FileNotFoundError as gone:
                raise FileMissing() from gone

    def keep(self, folder: str, made: Sequence[Made], *, is_new: bool) -> None:
        """Take over what was written; all of it is durable under its name when this returns."""
        for each in made:
            self._put(folder, each.name, Path(each.passing))

    def take(self, folder: str, name: str, passing: Path) -> None:
        """The same for one that came in parts; it leaves this machine's disk once the bucket has it."""
        self._put(folder, name, passing)
        passing.unlink()

    def forget(self, folder: str) -> None:
        """Remove all of a folder; nothing happens when there is none."""
        self._seen.pop(folder, None)
        with _told():
            for found in self._bucket.list(f"{self._prefix}{folder}"):
                self._bucket.delete([each["path"] for each in found])

    def _note(self, folder: str, names: Iterable[str]) -> None:
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[folder] = frozenset(names)

    def _put(self, folder: str, name: str, file: Path) -> None:
        with _told():
            self._bucket.put(self._path(folder, name), file, chunk_size=PART, max_concurrency=2)

    def _path(self, folder: str, name: str) -> str:
        return f"{self._prefix}{folder}/{name}"


@contextmanager
def _told() -> Iterator[None]:
    """What the library says of a bucket that does not answer, in our words."""
    try:
        yield
    except BaseError as failed:
        raise StoreAway() from failed

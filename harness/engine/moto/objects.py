"""Buckets and objects put straight into moto's S3, also objects that have a size but no bytes.

Used of moto: `S3Backend.create_bucket`, `FakeKey`, `FakeBucket.keys` (moto.s3.models).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from moto.s3.models import FakeKey, s3_backends

READABLE = 64 * 1024 * 1024


class DeclaredKey(FakeKey):
    """An object of a declared size: listed and described as that, read as zeros (up to 64 MiB)."""

    def __init__(self, name: str, size: int, account_id: str, region: str, bucket: str):
        etag = hashlib.md5(f"{name}:{size}".encode(), usedforsecurity=False).hexdigest()
        super().__init__(
            name=name, value=b"", account_id=account_id, region_name=region, bucket_name=bucket, etag=etag
        )
        self.contentsize = size

    @property
    def value(self) -> bytes:
        """Zeros of the declared size. Raises ValueError when that is too much to make."""
        if self.contentsize > READABLE:
            raise ValueError(f"{self.name} has a declared size of {self.contentsize} bytes and no content")
        return bytes(self.contentsize)

    @value.setter
    def value(self, new_value: bytes) -> None:
        self.contentsize = len(new_value)


def put(account_id: str, region: str, bucket: str, objects: Iterable[tuple[str, int, bytes | None]]) -> None:
    """Make objects, `(key, size in bytes, body or None)`, and the bucket, unless it is there."""
    backend = s3_backends[account_id]["aws"]
    keys = (backend.buckets.get(bucket) or backend.create_bucket(bucket, region)).keys
    for name, size, body in objects:
        key = (
            DeclaredKey(name, size, account_id, region, bucket)
            if body is None
            else FakeKey(name=name, value=body, account_id=account_id, region_name=region, bucket_name=bucket)
        )
        keys.setlist(name, [key])

"""Objects with a declared size, stored directly in LocalStack's S3.

Used parts of LocalStack: `s3_stores`, `S3Object`, `S3Bucket.objects` (services.s3.models). Replaced:
`EphemeralS3ObjectStore.open` (services.s3.storage.ephemeral).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from localstack.services.s3.models import S3Object, s3_stores
from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

REGION = "us-east-1"  # any region works, because LocalStack stores an account's buckets in all regions


class DeclaredObject(S3Object):
    """An object with a declared size. Its content is zeros, read from a sparse file."""

    def __init__(self, key: str, size: int, owner: Any):
        etag = hashlib.md5(f"{key}:{size}".encode(), usedforsecurity=False).hexdigest()
        super().__init__(key=key, etag=etag, size=size, owner=owner)


def declare(account: str, body: bytes) -> None:
    """Put objects into the account's bucket: `{"bucket": name, "objects": [[key, size in bytes], ...]}`."""
    asked: dict[str, Any] = json.loads(body)
    objects: Sequence[tuple[str, int]] = asked["objects"]
    bucket = s3_stores[account][REGION].buckets[asked["bucket"]]
    for key, size in objects:
        bucket.objects.set(key, DeclaredObject(key, size, bucket.owner))


def install() -> None:
    """Make declared objects readable."""
    own = EphemeralS3ObjectStore.open

    def open_object(store: Any, bucket: str, s3_object: Any, mode: str) -> Any:
        stored = own(store, bucket, s3_object, mode)
        if isinstance(s3_object, DeclaredObject) and mode == "r":
            stored.file.rollover()
            stored.file.truncate(s3_object.size)
        return stored

    EphemeralS3ObjectStore.open = open_object

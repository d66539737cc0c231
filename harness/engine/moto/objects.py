"""Buckets and objects added directly to moto's S3.

Used parts of moto: `S3Backend.create_bucket`, and `FakeBucket.keys` (moto.s3.models), which this package
replaces with a `KeyStore`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from moto.s3.models import s3_backends

from harness.buckets import SeededObject
from harness.engine.moto.key_store import KeyStore
from harness.engine.moto.seeded_objects import SeededObjects


def put(account_id: str, region: str, name: str, objects: Iterable[SeededObject]) -> None:
    """Create objects, and create the bucket if it does not exist."""
    backend = s3_backends[account_id]["aws"]
    bucket = backend.buckets.get(name) or backend.create_bucket(name, region)
    store = cast(KeyStore, bucket.keys)
    for each in objects:
        store.seed(SeededObjects(each, bucket))

"""Buckets and objects, before anything is deployed: straight into the engine, or over the S3 API."""

from __future__ import annotations

from collections.abc import Sequence

from harness.engine.base import BucketSeed, Capability, Engine
from harness.engine.clients import Clients


def seed(engine: Engine, clients: Clients, buckets: Sequence[BucketSeed]) -> None:
    """Make the buckets the fastest way that the engine offers."""
    if not buckets:
        return
    if Capability.DECLARED_SIZES in engine.capabilities:
        engine.seed(buckets)
    else:
        seed_over_api(clients, buckets)


def seed_over_api(clients: Clients, buckets: Sequence[BucketSeed]) -> None:
    """Make the buckets with CreateBucket and PutObject; a declared size is uploaded as that many zeros."""
    for bucket in buckets:
        clients.s3.create_bucket(Bucket=bucket.name)
        for key, size, body in bucket.objects:
            clients.s3.put_object(Bucket=bucket.name, Key=key, Body=bytes(size) if body is None else body)

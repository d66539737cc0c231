"""Buckets and objects, before anything is deployed: straight into the engine, or over the S3 API."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from harness.engine.base import BucketSeed, Capability, Engine
from harness.engine.clients import Clients

MAX_NAME = 63  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html


def seed(engine: Engine, clients: Clients, buckets: Sequence[BucketSeed]) -> Mapping[str, str]:
    """Make the buckets the fastest way that the engine offers.

    Gives the names that they got instead of their own, which another account has already: `{"photos": ...}`.
    """
    if not buckets:
        return {}
    if Capability.DECLARED_SIZES in engine.capabilities:
        engine.seed(buckets)
        return {}
    return seed_over_api(clients, buckets)


def seed_over_api(clients: Clients, buckets: Sequence[BucketSeed]) -> Mapping[str, str]:
    """Make the buckets with CreateBucket and PutObject; a declared size is uploaded as that many zeros."""
    renamed = {}
    for bucket in buckets:
        name = bucket.name
        while not _created(clients, name):
            name = renamed[bucket.name] = other_name(bucket.name)
        for key, size, body in bucket.objects:
            clients.s3.put_object(Bucket=name, Key=key, Body=bytes(size) if body is None else body)
    return renamed


def other_name(name: str) -> str:
    """A name like it that nobody has, which patterns for its beginning or its end fit as well.

    `logs-old` -> `logs-5e3f1a-old`.
    """
    head, hyphen, tail = name.rpartition("-")
    middle = f"-{secrets.token_hex(3)}"
    head, tail = (head, hyphen + tail) if hyphen else (name, "")
    return head[: MAX_NAME - len(middle) - len(tail)] + middle + tail


def _created(clients: Clients, name: str) -> bool:
    taken = (clients.s3.exceptions.BucketAlreadyExists, clients.s3.exceptions.BucketAlreadyOwnedByYou)
    try:
        clients.s3.create_bucket(Bucket=name)
    except taken:
        return False
    return True

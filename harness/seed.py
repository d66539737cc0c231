"""Creates buckets and objects before the deployment: directly in the engine, or through the S3 API."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Mapping, Sequence

from harness.buckets import SeededBucket
from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.quotas import S3_BUCKET_NAME_LENGTH

Declare = Callable[[str, Sequence[tuple[str, int]]], None]
"""A function that adds `(key, size in bytes)` to a bucket."""
_TOLD_EVERY = 100
"""Number of objects between two progress reports."""


def seed(
    engine: Engine,
    clients: Clients,
    buckets: Sequence[SeededBucket],
    told: Callable[[str], object] = lambda _: None,
) -> Mapping[str, str]:
    """Create the buckets with the engine's fastest method. `told` receives progress messages.

    Returns the new names of buckets whose names are already taken in another account: `{"photos":
    "photos-5e3f1a"}`.
    """
    if not buckets or engine.seed(buckets):
        return {}
    return seed_over_api(clients, buckets, declaring(engine), told)


def declaring(engine: Engine) -> Declare | None:
    """Return the engine's method for storing objects of a declared size. None if it has none."""
    return engine.declare if Capability.DECLARED_SIZES in engine.capabilities else None


def seed_over_api(
    clients: Clients,
    buckets: Sequence[SeededBucket],
    declare: Declare | None = None,
    told: Callable[[str], object] = lambda _: None,
) -> Mapping[str, str]:
    """Create the buckets with CreateBucket and PutObject.

    Objects of a declared size are stored with `declare`. Without it, they are uploaded as zeros of that size.
    """
    renamed = {}
    total = sum(len(objects.keys) for bucket in buckets for objects in bucket.objects)
    done = itertools.count(1)

    def one_more() -> None:
        if (number := next(done)) % _TOLD_EVERY == 0:
            told(f"{number:,} of {total:,} objects")

    for bucket in buckets:
        name = bucket.name
        while not _created(clients, name):
            name = renamed[bucket.name] = other_name(bucket.name)
        put_objects(clients, bucket, name, declare, one_more)
    return renamed


def put_objects(
    clients: Clients,
    bucket: SeededBucket,
    name: str,
    declare: Declare | None = None,
    one_more: Callable[[], object] = lambda: None,
) -> None:
    """Upload the objects of a bucket to the bucket with this name using PutObject. Calls `one_more` for each
    object.

    Objects of a declared size are stored with `declare`. Without it, they are uploaded as zeros of that size.
    """
    declared = []
    for key, size, body in bucket.each():
        one_more()
        if body is None and declare:
            declared.append((key, size))
        else:
            clients.s3.put_object(Bucket=name, Key=key, Body=bytes(size) if body is None else body)
    if declare and declared:
        declare(name, declared)


def other_name(name: str) -> str:
    """Return a new name that still matches patterns for the beginning or the end of the old name.

    `logs-old` -> `logs-5e3f1a-old`.
    """
    head, hyphen, tail = name.rpartition("-")
    middle = f"-{secrets.token_hex(3)}"
    head, tail = (head, hyphen + tail) if hyphen else (name, "")
    return head[: S3_BUCKET_NAME_LENGTH - len(middle) - len(tail)] + middle + tail


def _created(clients: Clients, name: str) -> bool:
    taken = (clients.s3.exceptions.BucketAlreadyExists, clients.s3.exceptions.BucketAlreadyOwnedByYou)
    try:
        clients.create_bucket(name)
    except taken:
        return False
    return True

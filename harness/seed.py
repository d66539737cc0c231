"""Makes buckets and objects before anything is deployed: directly in the engine, or over the S3 API."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Mapping, Sequence

from harness.buckets import SeededBucket
from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.quotas import S3_BUCKET_NAME_LENGTH

Declare = Callable[[str, Sequence[tuple[str, int]]], None]
"""Puts `(key, size in bytes)` into a bucket."""
_TOLD_EVERY = 100
"""Objects after which it is told how many there are."""


def seed(
    engine: Engine,
    clients: Clients,
    buckets: Sequence[SeededBucket],
    told: Callable[[str], object] = lambda _: None,
) -> Mapping[str, str]:
    """Make the buckets in the fastest way that the engine offers; `told` gets phrases of how far that is.

    Gives the new names of those whose names another account already has: `{"photos": "photos-5e3f1a"}`.
    """
    if not buckets or engine.seed(buckets):
        return {}
    return seed_over_api(clients, buckets, declaring(engine), told)


def declaring(engine: Engine) -> Declare | None:
    """The way in which an engine stores objects of a declared size; None if it cannot."""
    return engine.declare if Capability.DECLARED_SIZES in engine.capabilities else None


def seed_over_api(
    clients: Clients,
    buckets: Sequence[SeededBucket],
    declare: Declare | None = None,
    told: Callable[[str], object] = lambda _: None,
) -> Mapping[str, str]:
    """Make the buckets with CreateBucket and PutObject.

    A declared size goes through `declare`; where there is none it is uploaded as that many zeros.
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
    """Put the objects of a bucket into the one of this name with PutObject; `one_more` is told of each.

    A declared size goes through `declare`; where there is none it is uploaded as that many zeros.
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
    """A new name that patterns for the beginning or the end of the old name match as well.

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

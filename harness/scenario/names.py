"""S3 rules for bucket names, object keys and object sizes."""

from __future__ import annotations

import re

from harness.numbered import Pattern
from harness.quotas import S3_BUCKET_NAME_LENGTH
from harness.scenario import pattern, units
from harness.scenario.position import RefusedError

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
# "up to 50 TB" (botocore 1.44, s3 service-2.json), which is 10,000 parts of up to 5 GiB each.
MAX_OBJECT_BYTES = 10_000 * 5 * 1024**3


def bucket_name(name: str) -> str:
    """Return `name` if S3 accepts it for a general purpose bucket.

    Raises: RefusedError with the rule that the name breaks.
    """
    where = f"S3 rejects the bucket name {name!r}"
    if not 3 <= len(name) <= S3_BUCKET_NAME_LENGTH:
        raise RefusedError(f"{where}: it has {len(name)} characters", f"use 3 to {S3_BUCKET_NAME_LENGTH}")
    if wrong := re.search(r"[^a-z0-9.-]", name):
        raise RefusedError(
            f"{where}: {wrong[0]!r} is not allowed", "use lower-case letters a-z, digits, dots and hyphens"
        )
    if not (name[0].isalnum() and name[-1].isalnum()):
        raise RefusedError(
            f"{where}: it begins or ends with a dot or hyphen", "begin and end with a letter or digit"
        )
    if ".." in name:
        raise RefusedError(f"{where}: it has two dots in a row", "use single dots or hyphens")
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        raise RefusedError(f"{where}: it looks like an IP address", "use letters")
    for prefix in _RESERVED_PREFIXES:
        if name.startswith(prefix):
            raise RefusedError(f"{where}: the prefix {prefix!r} is reserved", "use another prefix")
    for suffix in _RESERVED_SUFFIXES:
        if name.endswith(suffix):
            raise RefusedError(f"{where}: the suffix {suffix!r} is reserved", "use another suffix")
    return name


def bucket_pattern(text: str) -> str:
    """Return `text` if it is a valid bucket name, with or without a counter (`bucket-{n:03}`).

    Raises: RefusedError with the S3 rule that it breaks.
    """
    if pattern.counts(text):
        bucket_name(Pattern(text, 1).last)
    else:
        bucket_name(text)
    return text


def object_key(key: str) -> str:
    """Return `key` if S3 accepts it for an object.

    Raises: RefusedError if it is empty or longer than 1,024 UTF-8 bytes.
    """
    if not key:
        raise RefusedError("an object key cannot be empty", "use 1 to 1,024 bytes of UTF-8")
    size = len(key.encode())
    if size > MAX_KEY_BYTES:
        start = key if len(key) <= 24 else f"{key[:24]}..."
        raise RefusedError(f"the key {start!r} is {size:,} bytes long in UTF-8", "S3 allows 1,024")
    return key


def object_pattern(text: str) -> str:
    """Return `text` if it is a valid object key, with or without a counter (`raw/{n:05}.nef`).

    Raises: RefusedError for the same reasons as `object_key`, or if its counter is malformed.
    """
    object_key(Pattern(text, 1).last if pattern.counts(text) else text)
    return text


def object_size(value: object) -> int:
    """Return a size in bytes if an object can have that size.

    Raises: RefusedError if it is not a valid size, or exceeds the S3 limit of 50 TB.
    """
    size = units.size_bytes(value)
    if size > MAX_OBJECT_BYTES:
        raise RefusedError(
            f"an object of {value} is too large",
            "the S3 limit for one object is 50 TB (10,000 parts of 5 GiB)",
        )
    return size

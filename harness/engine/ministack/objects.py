"""Objects of a declared size, put straight into MiniStack's S3.

Used of MiniStack: `_buckets`, whose entries keep objects by key, and `_build_object_record`
(ministack.services.s3).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

READABLE = 64 * 1024 * 1024


class DeclaredObject(dict[str, Any]):
    """A record that has no body: listed and described with its size, read as zeros (up to 64 MiB)."""

    def __missing__(self, name: str) -> Any:
        if name != "body":
            raise KeyError(name)
        if self["size"] > READABLE:
            raise ValueError(f"a declared size of {self['size']} bytes, and no content")
        return bytes(self["size"])

    def get(self, name: str, default: Any = None) -> Any:
        """Give a value, like any record."""
        return self[name] if name == "body" else super().get(name, default)


def declare(_account: str, body: bytes) -> None:
    """Put objects into a bucket: `{"bucket": name, "objects": [[key, size in bytes], ...]}`."""
    from ministack.services import s3  # noqa: PLC0415  (reads the environment)

    asked: dict[str, Any] = json.loads(body)
    objects = s3._buckets[asked["bucket"]]["objects"]
    for key, size in asked["objects"]:
        etag = hashlib.md5(f"{key}:{size}".encode(), usedforsecurity=False).hexdigest()
        record = s3._build_object_record(b"", {}, f'"{etag}"')
        del record["body"]
        objects[key] = DeclaredObject(record, size=size)

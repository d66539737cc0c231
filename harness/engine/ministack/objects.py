"""Objects with a declared size, stored directly in MiniStack's S3.

Used parts of MiniStack: `_buckets`, whose entries hold objects by key, and `_build_object_record`
(ministack.services.s3).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

READABLE = 64 * 1024 * 1024


class DeclaredObject(dict[str, Any]):
    """A record without a body.

    It is listed and described with its size, and its content is zeros (up to 64 MiB).
    """

    def __missing__(self, name: str) -> Any:
        if name != "body":
            raise KeyError(name)
        if self["size"] > READABLE:
            raise ValueError(f"an object with a declared size of {self['size']} bytes and no content")
        return bytes(self["size"])

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, as any other record does."""
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

"""Short definitions of secondary indexes."""

from __future__ import annotations

from typing import Any


def index(name: str, hash_key: str, range_key: str | None = None, **projection: Any) -> dict[str, Any]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    if range_key is not None:
        keys.append({"AttributeName": range_key, "KeyType": "RANGE"})
    return {"IndexName": name, "KeySchema": keys, "Projection": projection or {"ProjectionType": "ALL"}}

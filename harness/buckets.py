"""Buckets and objects that exist before a run: a scenario declares them, and an engine makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class SeededObject(NamedTuple):
    """One object: `body` is None when only its size is declared."""

    key: str
    size_bytes: int
    body: bytes | None


@dataclass(frozen=True)
class SeededBucket:
    """One bucket. Its objects may be many: iterate over them, and keep none."""

    name: str
    objects: Iterable[SeededObject]

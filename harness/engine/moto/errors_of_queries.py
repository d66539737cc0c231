"""Errors for services with the query protocol. moto writes the message of a modelled error twice.

Patched: `QuerySerializer._serialize_error_metadata` (moto.core.serialize). AWS returns `Type`,
`Code` and `Message`. Clients would otherwise also read moto's second element, `message`.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.core.serialize import QuerySerializer


def install() -> None:
    """Patch moto to include the error message only once."""
    patched: Any = QuerySerializer
    serialize = patched._serialize_error_metadata

    @functools.wraps(serialize)
    def serialize_once(self: Any, serialized: Any, error: Any, shape: Any) -> None:
        serialize(self, serialized, error, shape)
        serialized.pop("message", None)

    patched._serialize_error_metadata = serialize_once

"""Pagination of long lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from harness.json_types import Json, JsonObject
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.parameters import Parameters

DEFAULT_PAGE = 100  # from AWS's documentation of maxResults, where 0 also means the default

Item = TypeVar("Item")


def page(
    items: Sequence[Item], parameters: Parameters, name: str, show: Callable[[Item], Json]
) -> JsonObject:
    """Return the page of a list that `maxResults` and `nextToken` select, under `name`.

    Raises:
        ApiError: InvalidToken.
    """
    begin = _position(parameters.get("nextToken"), len(items))
    end = begin + (parameters.get("maxResults") or DEFAULT_PAGE)
    answer: JsonObject = {name: [show(item) for item in items[begin:end]]}
    if end < len(items):
        answer["nextToken"] = base64.urlsafe_b64encode(f"from:{end}".encode()).decode()
    return answer


def _position(token: str | None, size: int) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        position = int(number) if word == "from" else -1
    except (binascii.Error, ValueError):
        position = -1
    if not 0 <= position <= size:
        raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
    return position

"""How large the parameters of a call are, where the record of the call has them cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_TEXT = 200
MAX_ARN = 2_048  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
MAX_ITEMS = 25  # as many as a batch of writes to DynamoDB has


def is_long(text: str) -> bool:
    """Whether a text is cut. ARNs are whole: what a call is about is seen in them."""
    return len(text) > (MAX_ARN if text.startswith("arn:") else MAX_TEXT)


def sizes(params: Mapping[str, Any]) -> dict[str, int]:
    """Bytes of UTF-8 of each long text, bytes of binary values, and numbers of items of long lists.

    The keys are the way to them: `{"Message": 300000, "RequestItems.orders": 30}`.
    """
    return dict(_sizes(params, ""))


def _sizes(value: Any, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _sizes(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            yield path, len(value)
        for number, item in enumerate(value[:MAX_ITEMS]):
            yield from _sizes(item, f"{path}.{number}")
    elif isinstance(value, bytes | bytearray):
        yield path, len(value)
    elif isinstance(value, str) and is_long(value):
        yield path, len(value.encode("utf-8", "surrogatepass"))

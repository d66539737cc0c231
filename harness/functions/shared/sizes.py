"""Call parameters in records: long values are cut, and their sizes are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.quotas import DYNAMODB_BATCH_WRITE_ITEMS

MAX_TEXT = 200  # characters
MAX_ARN = 2_048  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
MAX_ITEMS = DYNAMODB_BATCH_WRITE_ITEMS


def is_long(text: str) -> bool:
    """Return whether a string is cut. ARNs are kept intact, because they identify a call's target."""
    return len(text) > (MAX_ARN if text.startswith("arn:") else MAX_TEXT)


def cut(value: object) -> Any:
    """Convert `value` to JSON; cut long strings and lists, and convert values without a JSON form to text."""
    if isinstance(value, Mapping):
        return {str(key): cut(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        head = [cut(item) for item in value[:MAX_ITEMS]]
        return [*head, f"... {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else head
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    kind = type(value)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        return f"<{kind.__name__}>"  # a stream, for example; its address differs on each run
    text = str(value)
    return f"{text[:MAX_TEXT]}... ({len(text)} characters)" if is_long(text) else text


def sizes(params: Mapping[str, object]) -> dict[str, int]:
    """Return the sizes: UTF-8 bytes of long strings, bytes of binary values, and items in long lists.

    The keys are their paths: `{"Message": 300000, "RequestItems.orders": 30}`.
    """
    return dict(_sizes(params, ""))


def _sizes(value: object, path: str) -> Iterator[tuple[str, int]]:
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

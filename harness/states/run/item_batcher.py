"""ItemBatcher: combines several items for one child execution.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.json_types import Json, JsonObject

from ..asl import ItemBatcher
from ..errors import QueryError
from ..payload import Payload, utf8_length
from ..query.expressions import Expression
from ..query.scope import Scope


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The maximum number of items and bytes in a batch. None means no limit."""

    items: int | None
    size_bytes: int | None


def batch_limits(batcher: ItemBatcher, scope: Scope) -> BatchLimits:
    """Evaluate the limits.

    Raises:
        QueryError: no limit is set, or a limit is not a positive number.
    """
    limits = BatchLimits(
        _positive(batcher.max_items, "MaxItemsPerBatch", scope),
        _positive(batcher.max_bytes, "MaxInputBytesPerBatch", scope),
    )
    if limits == BatchLimits(None, None):
        raise QueryError("ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch")
    return limits


def _positive(expression: Expression[float] | None, field: str, scope: Scope) -> int | None:
    if expression is None:
        return None
    number = int(expression.evaluate(scope))
    if number < 1:
        raise QueryError(f"{field} must be positive.")
    return number


def batches(batcher: ItemBatcher, limits: BatchLimits, items: list[Json], scope: Scope) -> list[Json]:
    """Combine the items as `{"Items": [...], "BatchInput": ...}`.

    Raises:
        QueryError: BatchInput cannot be evaluated.
    """
    extra: JsonObject = (
        {} if batcher.batch_input is None else {"BatchInput": batcher.batch_input.evaluate(scope)}
    )
    empty_bytes = Payload({**extra, "Items": []}).size_bytes
    groups: list[list[Json]] = []
    size_bytes = 0
    for item in items:
        # A single item is always a batch, whatever its size. Each further item is preceded by a comma.
        added = utf8_length(Payload(item).text) if limits.size_bytes is not None else 0
        full = not groups or (limits.items is not None and len(groups[-1]) >= limits.items)
        if full or (limits.size_bytes is not None and size_bytes + 1 + added > limits.size_bytes):
            groups.append([item])
            size_bytes = empty_bytes + added
        else:
            groups[-1].append(item)
            size_bytes += 1 + added
    return [{**extra, "Items": group} for group in groups]

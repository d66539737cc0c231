"""`partial`: a batch of which a part is left over, or a page with one entry only. No arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .kind import Arguments, Finish, Kind

if TYPE_CHECKING:
    from ..calling import OpenCall

BATCHES = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}
"""DynamoDB's batch operations, and the member of the answer that names what was left over."""


class Partial(Kind):
    """The first half of a batch is processed, and at least one of its requests; the rest comes back.

    Operations that give lists in pages give one entry, and the service's own token for the next.
    """

    name = "partial"
    targets = frozenset({"call"})
    acts = "build"

    def fits(self, call: OpenCall) -> bool:
        """Batches of two and more, and operations with a parameter that limits a page to more than one."""
        if call.operation in BATCHES:
            return sum(map(_size, call.params.get("RequestItems", {}).values())) > 1
        limit = call.page_limit()
        return limit is not None and str(call.params.get(limit)) != "1"

    def build(self, arguments: Arguments, call: OpenCall, params: dict[str, Any]) -> Finish | None:
        """Send a part; with a batch, name the rest in the answer as the function wrote it."""
        if call.operation not in BATCHES:
            limit = call.page_limit()
            assert limit is not None
            params[limit] = call.typed(1, limit)
            return None
        count = sum(map(_size, params["RequestItems"].values())) // 2
        params["RequestItems"], _ = _split(params["RequestItems"], count)
        _, rest = _split(call.params["RequestItems"], count)
        member = BATCHES[call.operation]

        def name_rest(parsed: dict[str, Any]) -> None:
            left = parsed.setdefault(member, {})
            for table, entry in rest.items():
                left[table] = _joined(left.get(table), entry)

        return name_rest


def _size(entry: Any) -> int:
    return len(entry["Keys"] if isinstance(entry, Mapping) else entry)


def _split(items: Mapping[str, Any], count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first `count` requests by table, and the others; without the tables that have none."""
    parts: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for table, entry in items.items():
        keys = entry["Keys"] if isinstance(entry, Mapping) else entry
        here = min(count, len(keys))
        count -= here
        for part, chosen in zip(parts, (keys[:here], keys[here:]), strict=True):
            if chosen:
                part[table] = {**entry, "Keys": chosen} if isinstance(entry, Mapping) else chosen
    return parts


def _joined(left: Any, entry: Any) -> Any:
    if not left:
        return entry
    if isinstance(entry, Mapping):
        return {**entry, "Keys": [*left["Keys"], *entry["Keys"]]}
    return [*left, *entry]

"""`partial`: a part of a batch is left over, or a page of a listing has one entry only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from .call import Answer, Call, Finish, Parameters
from .kind import Argument, BadArgument, BuildFault, Kind
from .point import Api, Point, Variant

BATCHES = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}
"""DynamoDB's batch operations, and the member of the answer that names what was left over."""
_SHOWN = 20
# Members of an answer that page a listing, as botocore's paginators know them.
_PAGED = (
    "NextToken",
    "nextToken",
    "NextMarker",
    "NextContinuationToken",
    "LastEvaluatedKey",
    "ContinuationToken",
)


@dataclass(frozen=True)
class Partial(Kind, BuildFault):
    """The first half of a batch is processed, and at least one of its requests; the rest comes back.

    Operations that give lists in pages give one entry, and the service's own token for the next.
    """

    key = "partial"
    words = "a partial answer"
    partial: Annotated[
        bool,
        Argument("half of a batch comes back as unprocessed, or a page of a listing has one entry only."),
    ] = True

    def fits(self, call: Call) -> bool:
        """Batches of two and more, and operations with a parameter that limits a page to more than one."""
        if call.operation in BATCHES:
            return _count(call.params) > 1
        limit = call.page_limit()
        return limit is not None and str(call.params.get(limit)) != "1"

    def build(self, call: Call, params: Answer) -> Finish | None:
        """Send a part; with a batch, name the rest in the answer as the function wrote it."""
        if call.operation not in BATCHES:
            limit = call.page_limit()
            assert limit is not None
            params[limit] = call.typed(1, limit)
            return None
        count = _count(params) // 2
        params["RequestItems"], _ = _split(params["RequestItems"], count)
        _, rest = _split(call.params["RequestItems"], count)
        member = BATCHES[call.operation]

        def name_rest(parsed: Answer) -> None:
            left = parsed.setdefault(member, {})
            for table, entry in rest.items():
                left[table] = _joined(left.get(table), entry)

        return name_rest

    @classmethod
    def check_operation(cls, api: Api, operation: str) -> None:
        """Refuse one that answers in whole or not at all."""
        if not api.answers_in_part(operation):
            able = [other for other in api.operations if api.answers_in_part(other)]
            more = [f"and {len(able) - _SHOWN} more"] if len(able) > _SHOWN else []
            raise BadArgument(
                f"{operation} answers in whole or not at all",
                f"in part do {', '.join([*able[:_SHOWN], *more]) or 'none'}",
            )

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Batches of two and more, and listings in pages."""
        if point.operation in BATCHES:
            fits = _count(point.params) > 1
        else:
            shape = point.api.output(point.operation)
            members = shape.members if shape else {}
            fits = any(name in members for name in _PAGED) and not point.operation.startswith("Get")
        if fits:
            yield Variant("", {"partial": True})


def _count(params: Parameters) -> int:
    """The number of requests in a batch, over all of its tables."""
    return sum(map(_size, params.get("RequestItems", {}).values()))


def _size(entry: Any) -> int:
    return len(entry["Keys"] if isinstance(entry, Mapping) else entry)


def _split(items: Parameters, count: int) -> tuple[Answer, Answer]:
    """The first `count` requests by table, and the others; without the tables that have none."""
    parts: tuple[Answer, Answer] = {}, {}
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

"""`partial`: part of a batch is not processed, or a page of a list has only one entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from .call import Answer, Call, Finish, Parameters
from .kind import Argument, BadArgument, BuildFault, Kind
from .point import Api, Point, Variant

BATCHES = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}
"""DynamoDB's batch operations, and the response member that lists the unprocessed requests."""
_SHOWN = 20
# Response members that paginate a listing, as in botocore's paginators.
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
    """A partial response: half of a batch, but at least one request, is processed. The rest is returned.

    Operations that return lists in pages return one entry, and the service's own token for the next page.
    """

    key = "partial"
    words = "a partial answer"
    partial: Annotated[
        bool,
        Argument("half of a batch is returned as unprocessed, or a page of a listing has only one entry."),
    ] = True

    def fits(self, call: Call) -> bool:
        """Return whether the call is a batch of two or more requests, or a list with a page size over one."""
        if call.operation in BATCHES:
            return _count(call.params) > 1
        limit = call.page_limit()
        return limit is not None and str(call.params.get(limit)) != "1"

    def build(self, call: Call, params: Answer) -> Finish | None:
        """Send part of the call. For a batch, return the rest in the response, in the form that the function
        sent.
        """
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
        """Reject an operation that has no partial responses."""
        if not api.answers_in_part(operation):
            able = [other for other in api.operations if api.answers_in_part(other)]
            more = [f"and {len(able) - _SHOWN} more"] if len(able) > _SHOWN else []
            raise BadArgument(
                f"{operation} has no partial responses",
                f"use an operation that has them: {', '.join([*able[:_SHOWN], *more]) or 'none'}",
            )

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        """Return a variant for a batch of at least two requests, and for a paginated list."""
        if point.operation in BATCHES:
            fits = _count(point.params) > 1
        else:
            shape = point.api.output(point.operation)
            members = shape.members if shape else {}
            fits = any(name in members for name in _PAGED) and not point.operation.startswith("Get")
        if fits:
            yield Variant("", {"partial": True})


def _count(params: Parameters) -> int:
    """Return the number of requests in a batch across all tables."""
    return sum(map(_size, params.get("RequestItems", {}).values()))


def _size(entry: Any) -> int:
    return len(entry["Keys"] if isinstance(entry, Mapping) else entry)


def _split(items: Parameters, count: int) -> tuple[Answer, Answer]:
    """Return the first `count` requests, and the others. Both are grouped by table and omit empty tables."""
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

"""TransactGetItems and TransactWriteItems, which succeed or fail as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from harness.json_types import Json, JsonObject
from harness.stepfunctions.arns import Caller

from . import writes
from .capacity import collection_metrics, consumed, present, read_units, write_units
from .errors import Refused, invalid
from .projection import part_of
from .reads import paths_of
from .table_view import TableView, backend_of
from .values import Item, Kept, size_of
from .writes import Write, keyed

T = TypeVar("T")

_KINDS: Final[Mapping[str, Callable[[Caller, Mapping[str, Any]], Write]]] = {
    "ConditionCheck": writes.check,
    "Put": writes.put,
    "Update": writes.update,
    "Delete": writes.delete,
}
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
LARGEST: Final = 4 * 1024 * 1024
TOKENS_LAST_S: Final = 600
_TOKENS: Final = "_harness_tokens"  # the transaction tokens, stored on the backend
TWICE: Final = "Transaction request cannot include multiple operations on one item"
_TOO_LARGE: Final = "Member must satisfy constraint: Transaction request cannot exceed 4 MB"


class Reason(NamedTuple):
    """The cancellation reason for one action. `code` is `None` for an action that would succeed."""

    code: str = "None"
    message: str | None = None
    item: Item | None = None

    def told(self) -> JsonObject:
        """Return the reason in the response format."""
        return present(Code=self.code, Message=self.message, Item=self.item)


def cancelled(reasons: Sequence[Reason]) -> Refused:
    """Return the error for a cancelled transaction."""
    codes = ", ".join(reason.code for reason in reasons)
    listed: list[Json] = [reason.told() for reason in reasons]
    return Refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        {"CancellationReasons": listed},
    )


def get(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a TransactGetItems request."""
    gets = [each["Get"] for each in request["TransactItems"]]
    paths = [paths_of(each) for each in gets]
    found = _each(lambda given: keyed(caller, given), gets)
    places = [(view.name, view.place(key)) for view, key in found]
    if len(set(places)) < len(places):
        raise invalid(TWICE)
    items = [view.items.get(view.place(key)) for view, key in found]
    if sum(map(size_of, items)) > LARGEST:
        raise invalid(_TOO_LARGE)
    answers = [present(Item=part_of(item, wanted)) for item, wanted in zip(items, paths, strict=True)]
    spent = [
        (view, 2 * read_units(size_of(item), consistent=True))
        for (view, _), item in zip(found, items, strict=True)
    ]
    return present(Responses=answers, ConsumedCapacity=_by_table(request, spent, "Read"))


def write(caller: Caller, request: Mapping[str, Any], now: float) -> JsonObject:
    """Handle a TransactWriteItems request. A transaction whose token was already used does not run again."""
    actions = [_action(each) for each in request["TransactItems"]]
    token = request.get("ClientRequestToken")
    if token is not None and _is_known(caller, token, request, now):
        return _answer(request, [], "Read")
    found = _each(lambda each: _KINDS[each[0]](caller, each[1]), actions)
    places = [(each.view.table.table_arn, each.place) for each in found]
    if len(set(places)) < len(places):
        raise invalid(TWICE)
    changes = _changes(found, actions)
    if sum(size_of(new) for _, new in changes) > LARGEST:
        raise invalid(_TOO_LARGE)
    for each, new in changes:
        each.do(new)
    if token is not None:
        _tokens(caller)[token] = now, _payload(request)
    return _answer(request, changes, "Write")


def _answer(
    request: Mapping[str, Any], changes: Sequence[tuple[Write, Kept | None]], direction: str
) -> JsonObject:
    spent = [(each.view, 2 * write_units(size_of(new))) for each, new in changes]
    metrics: dict[str, list[JsonObject]] = {}
    for each, _ in changes:
        if (metric := collection_metrics(request, each.view, each.key)) is not None:
            metrics.setdefault(each.view.given, []).append(metric)
    return present(
        ConsumedCapacity=_by_table(request, spent, direction), ItemCollectionMetrics=metrics or None
    )


def _changes(
    found: Sequence[Write], actions: Sequence[tuple[str, Mapping[str, Any]]]
) -> list[tuple[Write, Kept | None]]:
    """Return each item after the transaction. Raises an error with the cancellation reasons."""
    reasons, changes = [], []
    for each, (_, given) in zip(found, actions, strict=True):
        old = each.old()
        reason = Reason()
        if not each.allows(old):
            asked = given.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            item = old.item if asked and old is not None else None
            reason = Reason("ConditionalCheckFailed", "The conditional request failed", item)
        else:
            try:
                changes.append((each, each.change(old)))
            except Refused as refused:
                reason = Reason("ValidationError", refused.message)
        reasons.append(reason)
    if any(reason.code != "None" for reason in reasons):
        raise cancelled(reasons)
    return changes


def _each(look: Callable[[Any], T], given: Sequence[Any]) -> list[T]:
    """Check each action. An invalid item produces a cancellation reason, not a separate error."""
    found: list[T] = []
    reasons = []
    for each in given:
        try:
            found.append(look(each))
            reasons.append(Reason())
        except Refused as refused:
            if not _is_reason(refused):
                raise
            reasons.append(Reason("ValidationError", refused.message))
    if len(found) < len(given):
        raise cancelled(reasons)
    return found


def _is_reason(refused: Refused) -> bool:
    """Return whether an error concerns one action only, because its keys or values do not match the table."""
    if refused.code != "ValidationException":
        return False
    of_item = ("The provided key element", "One or more parameter values", "Item size")
    return refused.message.startswith(of_item)


def _action(given: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    kinds = [(kind, given[kind]) for kind in _KINDS if given.get(kind) is not None]
    if len(kinds) != 1:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    return kinds[0]


def _by_table(
    request: Mapping[str, Any], spent: Sequence[tuple[TableView, float]], direction: str
) -> list[JsonObject] | None:
    if request.get("ReturnConsumedCapacity", "NONE") == "NONE":
        return None
    units: dict[str, tuple[TableView, float]] = {}
    for view, each in spent:
        units[view.given] = view, each + units.get(view.given, (view, 0.0))[1]
    found = (consumed(request, view, total, direction=direction) for view, total in units.values())
    return [each for each in found if each is not None]


def _tokens(caller: Caller) -> dict[str, tuple[float, str]]:
    backend = backend_of(caller)
    known: dict[str, tuple[float, str]] = backend.__dict__.setdefault(_TOKENS, {})
    return known


def _payload(request: Mapping[str, Any]) -> str:
    return json.dumps(request["TransactItems"], sort_keys=True)


def _is_known(caller: Caller, token: str, request: Mapping[str, Any], now: float) -> bool:
    at, payload = _tokens(caller).get(token, (float("-inf"), ""))
    if now - at > TOKENS_LAST_S:
        return False
    if payload != _payload(request):
        raise Refused(
            "IdempotentParameterMismatchException",
            "The request token has already been used with different parameters.",
        )
    return True

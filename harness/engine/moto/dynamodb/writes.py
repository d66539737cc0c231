"""PutItem, UpdateItem and DeleteItem, each checked as a whole before the item changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from . import legacy
from .capacity import collection_metrics, consumed, indexes_written, told, write_units
from .checks import Checker
from .conditions import holds
from .errors import condition_failed, invalid
from .items import Place, check_key, check_put
from .placeholders import Placeholders
from .projection import projected
from .syntax import Action, Condition
from .table_view import TableView, view_of
from .updates import refuse_keys, too_large, updated
from .values import LARGEST_ITEM, Item, checked_item, size_of

_CONDITION: Final = ("ConditionExpression",)
_UPDATE: Final = ("UpdateExpression", "ConditionExpression")


@dataclass(frozen=True)
class Write:
    """A write that has been checked.

    Attributes:
        place: where the item is, or will be.
        key: its key.
        change: gives the new item from the old one, or None to delete it.
        actions: those of an update.
        checks_only: True of a ConditionCheck, which writes nothing.
    """

    view: TableView
    place: Place
    key: Item
    condition: Condition | None
    change: Callable[[Item | None], Item | None]
    actions: tuple[Action, ...] = ()
    checks_only: bool = False

    def old(self) -> Item | None:
        """Give the item as it is."""
        return self.view.items.get(self.place)

    def allows(self, old: Item | None) -> bool:
        """Tell whether the condition holds."""
        return self.condition is None or holds(self.condition, old or {})

    def do(self, new: Item | None) -> None:
        """Write the item."""
        if new is None:
            self.view.delete(self.place)
        else:
            self.view.put(self.place, new, size_of(new))


def put(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check a put."""
    condition = _condition(request, _CONDITION)
    item, size = checked_item(request["Item"])
    view = view_of(caller, request["TableName"])
    check_put(view.key, item)
    view.check_indexed(item)
    if size > LARGEST_ITEM:
        raise invalid("Item size has exceeded the maximum allowed size")
    return Write(view, view.place(item), view.key_of(item), condition, lambda _: item)


def delete(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check a deletion."""
    condition = _condition(request, _CONDITION)
    view, key = keyed(caller, request)
    return Write(view, view.place(key), key, condition, lambda _: None)


def check(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check the ConditionCheck of a transaction."""
    condition = _condition(request, _CONDITION)
    view, key = keyed(caller, request)
    return Write(view, view.place(key), key, condition, lambda old: old, checks_only=True)


def update(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check an update."""
    legacy.refuse_mixture(request, _UPDATE)
    placeholders = Placeholders(request, _UPDATE, _UPDATE)
    actions = _actions(request, placeholders)
    condition = _bound_condition(request, placeholders)
    placeholders.check_used()
    view, key = keyed(caller, request)
    refuse_keys(actions, tuple(part.name for part in view.key))

    def change(old: Item | None) -> Item:
        new = updated(key if old is None else old, actions)
        view.check_indexed(new, updating=True)
        if size_of(new) > LARGEST_ITEM:
            raise too_large()
        return new

    return Write(view, view.place(key), key, condition, change, actions)


def keyed(caller: Caller, request: Mapping[str, Any]) -> tuple[TableView, Item]:
    """Find the table of a request and check its Key."""
    key, _ = checked_item(request["Key"])
    view = view_of(caller, request["TableName"])
    check_key(view.key, key)
    return view, key


def answer(kind: str, caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Answer a PutItem, an UpdateItem or a DeleteItem."""
    asked = request.get("ReturnValues", "NONE")
    if kind != "UpdateItem" and asked not in ("NONE", "ALL_OLD"):
        raise invalid("ReturnValues can only be ALL_OLD or NONE")
    write = {"PutItem": put, "UpdateItem": update, "DeleteItem": delete}[kind](caller, request)
    old = write.old()
    if not write.allows(old):
        shown = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        raise condition_failed(dict(old) if shown and old is not None else None)
    new = write.change(old)
    write.do(new)
    larger = max(size_of(item) for item in (old or {}, new or {}))
    units = consumed(request, write.view, write_units(larger), indexes_written(write.view, old, new))
    return told(
        Attributes=_attributes(asked, write, old, new),
        ConsumedCapacity=units,
        ItemCollectionMetrics=collection_metrics(request, write.view, write.key),
    )


def _attributes(asked: str, write: Write, old: Item | None, new: Item | None) -> Item | None:
    if asked == "NONE":
        return None
    found = old if asked.endswith("OLD") else new
    if asked.startswith("UPDATED") and found is not None:
        found = projected(found, [action.path for action in write.actions])
    return found or None


def _condition(request: Mapping[str, Any], expressions: tuple[str, ...]) -> Condition | None:
    legacy.refuse_mixture(request, expressions)
    placeholders = Placeholders(request, expressions, expressions)
    condition = _bound_condition(request, placeholders)
    placeholders.check_used()
    return condition


def _bound_condition(request: Mapping[str, Any], placeholders: Placeholders) -> Condition | None:
    if request.get("ConditionExpression") is not None:
        return condition_of(placeholders, "ConditionExpression", request)
    return legacy.condition(request, "Expected")


def condition_of(placeholders: Placeholders, expression: str, request: Mapping[str, Any]) -> Condition:
    """Read and check a condition that a request has."""
    found = placeholders.condition(expression, request[expression])
    Checker(expression).condition(found)
    return found


def _actions(request: Mapping[str, Any], placeholders: Placeholders) -> tuple[Action, ...]:
    if request.get("UpdateExpression") is not None:
        found = placeholders.actions("UpdateExpression", request["UpdateExpression"])
        Checker("UpdateExpression").actions(found)
        return found
    return legacy.actions(request.get("AttributeUpdates") or {})

"""PutItem, UpdateItem and DeleteItem. Each request is fully validated before the item changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from . import legacy
from .capacity import collection_metrics, consumed, indexes_written, present, write_units
from .checks import Checker
from .conditions import holds
from .errors import condition_failed, invalid
from .items import Place, check_key
from .placeholders import Placeholders
from .projection import part_of
from .syntax import Action, Condition
from .table_view import TableView, view_of
from .updates import refuse_keys, updated
from .values import LARGEST_ITEM, Item, Kept, checked_item, size_of

_CONDITION: Final = ("ConditionExpression",)
_UPDATE: Final = ("UpdateExpression", "ConditionExpression")


@dataclass(frozen=True)
class Write:
    """A validated write.

    Attributes:
        place: the position of the item, even if the item does not exist yet.
        key: the item's key.
        change: a function that takes the old item and returns the new one, or None to delete it.
        actions: the update actions.
        checks_only: True for a ConditionCheck, which writes nothing.
    """

    view: TableView
    place: Place
    key: Item
    condition: Condition | None
    change: Callable[[Kept | None], Kept | None]
    actions: tuple[Action, ...] = ()
    checks_only: bool = False

    def old(self) -> Kept | None:
        """Return the current item."""
        return self.view.items.get(self.place)

    def allows(self, old: Kept | None) -> bool:
        """Return whether the condition is met."""
        return self.condition is None or holds(self.condition, {} if old is None else old.item)

    def do(self, new: Kept | None) -> None:
        """Write the item."""
        if self.checks_only:
            return
        if new is None:
            self.view.delete(self.place)
        else:
            self.view.put(self.place, new)


def put(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check a put."""
    condition = _condition(request, _CONDITION)
    kept = checked_item(request["Item"])
    return putting(view_of(caller, request["TableName"]), kept, condition)


def putting(view: TableView, kept: Kept, condition: Condition | None) -> Write:
    """Return a write that replaces the item with the same key."""
    return Write(view, view.check_put(kept), view.key_of(kept.item), condition, lambda _: kept)


def delete(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check a deletion."""
    condition = _condition(request, _CONDITION)
    view, key = keyed(caller, request)
    return Write(view, view.place(key), key, condition, lambda _: None)


def check(caller: Caller, request: Mapping[str, Any]) -> Write:
    """Check a ConditionCheck in a transaction."""
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
    return updating(*keyed(caller, request), condition, actions)


def updating(view: TableView, key: Item, condition: Condition | None, actions: tuple[Action, ...]) -> Write:
    """Return a write that updates an item, or creates it with its key."""
    refuse_keys(actions, tuple(part.name for part in view.key))

    def change(old: Kept | None) -> Kept:
        new = checked_item(updated(key if old is None else old.item, actions))
        view.check_indexed(new.item, updating=True)
        if new.size > LARGEST_ITEM:
            raise invalid("Item size to update has exceeded the maximum allowed size")
        return new

    return Write(view, view.place(key), key, condition, change, actions)


def keyed(caller: Caller, request: Mapping[str, Any]) -> tuple[TableView, Item]:
    """Find the table for a request, and check the Key."""
    key, _ = checked_item(request["Key"])
    view = view_of(caller, request["TableName"])
    check_key(view.key, key)
    return view, key


def answer(kind: str, caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a PutItem, UpdateItem or DeleteItem request."""
    asked = request.get("ReturnValues", "NONE")
    if kind != "UpdateItem" and asked not in ("NONE", "ALL_OLD"):
        raise invalid("ReturnValues can only be ALL_OLD or NONE")
    write = {"PutItem": put, "UpdateItem": update, "DeleteItem": delete}[kind](caller, request)
    old = write.old()
    if not write.allows(old):
        shown = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        raise condition_failed(old.item if shown and old is not None else None)
    new = write.change(old)
    write.do(new)
    larger = max(size_of(old), size_of(new))
    units = consumed(request, write.view, write_units(larger), indexes_written(write.view, old, new))
    return present(
        Attributes=_attributes(asked, write, old, new),
        ConsumedCapacity=units,
        ItemCollectionMetrics=collection_metrics(request, write.view, write.key),
    )


def _attributes(asked: str, write: Write, old: Kept | None, new: Kept | None) -> Item | None:
    if asked == "NONE":
        return None
    paths = [action.path for action in write.actions] if asked.startswith("UPDATED") else None
    return part_of(old if asked.endswith("OLD") else new, paths) or None


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
    """Parse and check the condition in a request."""
    found = placeholders.condition(expression, request[expression])
    Checker(expression).condition(found)
    return found


def _actions(request: Mapping[str, Any], placeholders: Placeholders) -> tuple[Action, ...]:
    if request.get("UpdateExpression") is not None:
        found = placeholders.actions("UpdateExpression", request["UpdateExpression"])
        Checker("UpdateExpression").actions(found)
        return found
    return legacy.actions(request.get("AttributeUpdates") or {})

"""ExecuteStatement, BatchExecuteStatement and ExecuteTransaction."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from .capacity import consumed, present, read_units, write_units
from .conditions import holds
from .errors import Refused, condition_failed, invalid
from .items import check_put
from .partiql_parser import Query, parse
from .projection import at, part_of
from .syntax import Compare, Condition, Constant, Join, Path
from .table_view import TableView, view_of
from .transactions import TWICE, Reason, cancelled
from .values import Item, Kept, Value, checked_item, comparable, equal, size_of
from .writes import Write, putting, updating

_NO_KEY: Final = "Where clause does not contain a mandatory equality on all key attributes"
_SELECT_KEY: Final = (
    "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
)
_CODES: Final = {
    "ValidationException": "ValidationError",
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ResourceNotFoundException": "ResourceNotFound",
    "DuplicateItemException": "DuplicateItem",
}
_RETURNS_ON_FAILURE: Final = "ReturnValuesOnConditionCheckFailure"


def execute(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle an ExecuteStatement request."""
    query = parse(request["Statement"], request.get("Parameters") or ())
    if query.kind == "EXISTS":
        raise invalid("Exists is not supported outside of a transaction")
    view = view_of(caller, query.table)
    if query.kind != "SELECT":
        items, size = _write(view, query, request)
        return present(Items=items, ConsumedCapacity=consumed(request, view, write_units(size)))
    found = list(_selected(view, query))
    start = _offset(request.get("NextToken"))
    limit = request.get("Limit")
    page = found[start:] if limit is None else found[start : start + limit]
    end = start + len(page)
    size = sum(checked_item(item).size for item in page)
    units = read_units(size, consistent=bool(request.get("ConsistentRead")))
    token = base64.b64encode(f"offset {end}".encode()).decode() if end < len(found) else None
    return present(
        Items=[_shown(item, query.paths) for item in page],
        NextToken=token,
        ConsumedCapacity=consumed(request, view, units),
    )


def execute_batch(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a BatchExecuteStatement request. Each statement succeeds or fails individually."""
    answers: list[JsonObject] = []
    for each in request["Statements"]:
        try:
            answers.append(_of_batch(caller, each))
        except Refused as refused:
            error: JsonObject = {"Code": _CODES.get(refused.code, refused.code), "Message": refused.message}
            if "Item" in refused.members:
                error["Item"] = refused.members["Item"]
            answers.append({"Error": error})
    return {"Responses": list(answers)}


def execute_transaction(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle an ExecuteTransaction request. Either all statements succeed or none do."""
    given = request["TransactStatements"]
    queries = [parse(each["Statement"], each.get("Parameters") or ()) for each in given]
    if len({query.kind == "SELECT" for query in queries}) > 1:
        raise invalid("Transaction can have either read or write statements, but not both")
    views = [view_of(caller, query.table) for query in queries]
    if queries[0].kind == "SELECT":
        answers: list[JsonObject] = []
        for view, query in zip(views, queries, strict=True):
            _key(view, query)
            answers.append(present(Item=next((_shown(i, query.paths) for i in _selected(view, query)), None)))
        return {"Responses": list(answers)}
    writes, reasons = [], []
    for view, query, each in zip(views, queries, given, strict=True):
        try:
            write = _prepared(view, query)
            writes.append((write, _change(write, query, each)))
            reasons.append(Reason())
        except Refused as refused:
            item: Any = refused.members.get("Item")
            reasons.append(Reason(_CODES.get(refused.code, refused.code), refused.message, item))
    if any(reason.code != "None" for reason in reasons):
        raise cancelled(reasons)
    if len({(write.view.name, write.place) for write, _ in writes}) < len(writes):
        raise invalid(TWICE)
    for write, new in writes:
        write.do(new)
    return {"Responses": []}


def _of_batch(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    query = parse(request["Statement"], request.get("Parameters") or ())
    view = view_of(caller, query.table)
    if query.kind != "SELECT":
        items, _ = _write(view, query, request)
        return present(TableName=view.name, Item=items[0] if items else None)
    try:
        _key(view, query)
    except Refused:
        raise invalid(_SELECT_KEY) from None
    found = next((_shown(item, query.paths) for item in _selected(view, query)), None)
    return present(TableName=view.name, Item=found)


def _selected(view: TableView, query: Query) -> Iterator[Item]:
    index = None if query.index is None else view.index(query.index)
    wanted = _equalities(query.condition).get(view.key[0].name)
    if index is not None:
        entries: Sequence[Any] = view.items.indexed(index.key)
    elif wanted is not None and view.key[0].kind in wanted:
        entries = view.items.partition(comparable(wanted))
    else:
        entries = view.items.all()
    found = [kept.item for _, kept in entries if query.condition is None or holds(query.condition, kept.item)]
    if index is not None and index.attributes is not None:
        found = [{name: item[name] for name in item if name in index.attributes} for item in found]
    for name, descending in reversed(query.order):
        found.sort(key=lambda item: comparable(item[name]), reverse=descending)
    yield from found


def _shown(item: Item, paths: tuple[Path, ...] | None) -> Item:
    """Return the attributes that a SELECT lists. Each is keyed by the last name in its path."""
    if paths is None:
        return item
    found = {}
    for path in paths:
        value = at(item, path)
        if value is not None:
            name = next((part for part in reversed(path.parts) if isinstance(part, str)), "")
            found[name] = value
    return found


def _write(view: TableView, query: Query, request: Mapping[str, Any]) -> tuple[list[Item], int]:
    """Run an INSERT, an UPDATE or a DELETE. Return its result and the size of the item."""
    write = _prepared(view, query)
    old = write.old()
    new = _change(write, query, request)
    write.do(new)
    size = max(size_of(old), size_of(new))
    if query.returning is None:
        return [], size
    kept = old if query.returning.endswith("OLD") else new
    paths = [action.path for action in query.actions] if query.returning.startswith("MODIFIED") else None
    found = part_of(kept, paths)
    return ([found] if found else []), size


def _prepared(view: TableView, query: Query) -> Write:
    if query.kind == "INSERT":
        return putting(view, checked_item(query.item), None)
    key = _key(view, query)
    if query.kind == "UPDATE":
        return updating(view, key, query.condition, query.actions)
    is_check = query.kind == "EXISTS"
    return Write(view, view.place(key), key, query.condition, lambda _: None, checks_only=is_check)


def _change(write: Write, query: Query, request: Mapping[str, Any]) -> Kept | None:
    """Return the item after a statement. Raises an error if the change is not allowed in the statement."""
    old = write.old()
    if query.kind == "INSERT" and old is not None:
        raise Refused("DuplicateItemException", "Duplicate primary key exists in table")
    is_deleted_already = query.kind == "DELETE" and old is None and _asks_only_key(write, query)
    if query.kind != "INSERT" and not is_deleted_already and (old is None or not write.allows(old)):
        asked = request.get(_RETURNS_ON_FAILURE) == "ALL_OLD"
        raise condition_failed(old.item if asked and old is not None else None)
    return write.change(old)


def _asks_only_key(write: Write, query: Query) -> bool:
    return query.condition is None or holds(query.condition, write.key)


def _key(view: TableView, query: Query) -> Item:
    """Return the key that the WHERE clause specifies."""
    equalities = _equalities(query.condition)
    key = {part.name: equalities[part.name] for part in view.key if part.name in equalities}
    if len(key) < len(view.key):
        raise invalid(_NO_KEY)
    check_put(view.key, key)
    return key


def _equalities(condition: Condition | None) -> dict[str, Value]:
    """Return the attributes that equal a fixed value in every match."""
    if isinstance(condition, Join) and condition.word == "AND":
        left, right = _equalities(condition.left), _equalities(condition.right)
        if any(name in left and not equal(left[name], value) for name, value in right.items()):
            raise invalid("Multiple conditions on one key attribute are not supported")
        return left | right
    if isinstance(condition, Compare) and condition.sign == "=":
        left_side, right_side = condition.left, condition.right
        if isinstance(left_side, Constant):
            left_side, right_side = right_side, left_side
        if isinstance(left_side, Path) and len(left_side.parts) == 1 and isinstance(right_side, Constant):
            assert right_side.value is not None
            return {str(left_side.parts[0]): right_side.value}
    return {}


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(token).decode().removeprefix("offset "))
    except ValueError:
        raise invalid("Invalid NextToken") from None

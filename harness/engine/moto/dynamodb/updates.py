"""Item updates with UpdateExpression."""

from __future__ import annotations

import copy
from decimal import Context, Decimal
from typing import Final

from .errors import invalid, wrong_values
from .projection import at
from .syntax import Action, Call, Constant, Operand, Part, Path, Sum
from .values import Item, Value, kind_of, written

_PATH: Final = "The document path provided in the update expression is invalid for update"
_TYPE: Final = "An operand in the update expression has an incorrect data type"
_ABSENT: Final = "The provided expression refers to an attribute that does not exist in the item"
_EXACT: Final = Context(prec=300)


def updated(item: Item, actions: tuple[Action, ...]) -> Item:
    """Return the item after an update. Operands refer to the item before the update."""
    new = dict(item)
    for name in {str(action.path.parts[0]) for action in actions}:
        if name in new:
            new[name] = copy.deepcopy(new[name])
    computed = [
        (action, value_of(action.value, item))
        for action in actions
        if action.section == "SET" and action.value is not None
    ]
    for action, value in computed:
        _set(new, action.path, value)
    removed = [action.path for action in actions if action.section == "REMOVE"]
    for path in sorted(removed, key=_last_first):
        _remove(new, path)
    for action in actions:
        if action.section in ("ADD", "DELETE") and isinstance(action.value, Constant):
            assert action.value.value is not None
            _change(new, action.section, action.path, action.value.value)
    return new


def refuse_keys(actions: tuple[Action, ...], key: tuple[str, ...]) -> None:
    """Reject an update to an item's key."""
    for action in actions:
        if action.path.parts[0] in key:
            raise wrong_values(
                f"Cannot update attribute {action.path.parts[0]}. This attribute is part of the key"
            )


def value_of(operand: Operand, item: Item) -> Value:
    """Return the value of a SET operand."""
    if isinstance(operand, Constant):
        assert operand.value is not None
        return operand.value
    if isinstance(operand, Path):
        found = at(item, operand)
        if found is None:
            raise invalid(_ABSENT)
        return found
    if isinstance(operand, Sum):
        left, right = value_of(operand.left, item), value_of(operand.right, item)
        return added(left, right, 1 if operand.sign == "+" else -1)
    return _called(operand, item)


def added(left: Value, right: Value, sign: int) -> Value:
    """Add or subtract two numbers."""
    if kind_of(left) != "N" or kind_of(right) != "N":
        raise invalid(_TYPE)
    return {"N": written(_EXACT.add(Decimal(left["N"]), sign * Decimal(right["N"])))}


def _called(call: Call, item: Item) -> Value:
    if call.name == "if_not_exists":
        path = call.arguments[0]
        assert isinstance(path, Path)
        found = at(item, path)
        return value_of(call.arguments[1], item) if found is None else found
    left, right = (value_of(each, item) for each in call.arguments)
    if kind_of(left) != "L" or kind_of(right) != "L":
        raise invalid(_TYPE)
    return {"L": [*left["L"], *right["L"]]}


def _holder(item: Item, path: Path) -> tuple[Value | None, Part]:
    """Return the container of the last part of a path, or None for the item itself."""
    if len(path.parts) == 1:
        return None, path.parts[0]
    found = at(item, Path(path.parts[:-1]))
    if found is None or kind_of(found) != ("L" if isinstance(path.parts[-1], int) else "M"):
        raise invalid(_PATH)
    return found, path.parts[-1]


def _set(item: Item, path: Path, value: Value) -> None:
    holder, last = _holder(item, path)
    if holder is None:
        item[str(last)] = value
    elif isinstance(last, int):
        elements: list[Value] = holder["L"]
        if last < len(elements):
            elements[last] = value
        else:
            elements.append(value)
    else:
        holder["M"][last] = value


def _remove(item: Item, path: Path) -> None:
    if len(path.parts) > 1 and at(item, Path(path.parts[:-1])) is None:
        raise invalid(_PATH)
    holder, last = _holder(item, path)
    if holder is None:
        item.pop(str(last), None)
    elif isinstance(last, int):
        del holder["L"][last : last + 1]
    else:
        holder["M"].pop(last, None)


def _last_first(path: Path) -> tuple[tuple[int, int | str], ...]:
    """Return a sort key by which the last elements of a list are removed first."""
    return tuple((0, -part) if isinstance(part, int) else (1, part) for part in path.parts)


def _change(item: Item, section: str, path: Path, value: Value) -> None:
    """Run an ADD or DELETE action."""
    old = at(item, path)
    if old is None:
        if section == "ADD":
            _set(item, path, value)
        return
    kind = kind_of(value)
    if kind_of(old) != kind:
        raise invalid(_TYPE)
    if kind == "N":
        _set(item, path, added(old, value, 1))
    elif section == "ADD":
        _set(item, path, {kind: [*old[kind], *(each for each in value[kind] if each not in old[kind])]})
    elif left := [each for each in old[kind] if each not in value[kind]]:
        _set(item, path, {kind: left})
    else:
        _remove(item, path)

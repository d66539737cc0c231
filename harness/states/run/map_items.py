"""A Map's items: the input for each iteration or child execution, and the data for ItemSelector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from harness.json_types import Json, JsonObject

from ..asl import Map
from ..errors import QUERY_EVALUATION_ERROR, QueryError
from ..payload import Payload, to_text
from ..query.choice_rules import unexpected_type
from ..query.jsonata.expression import JsonataExpression
from ..query.paths import PathExpression
from ..query.scope import Scope
from .control_flow import Flow

STATE_DATA: Final = "STATE_DATA"
"""The Source value for items that are part of the state's input."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item.

    Attributes:
        key: the name of the value in an object; None for an array item.
        source: its origin, as `$$.Map.Item.Source` shows it: https://docs.aws.amazon.com/step-functions/
            latest/dg/input-output-contextobject.html
    """

    value: Json
    key: str | None = None
    source: str = STATE_DATA

    @property
    def input(self) -> Json:
        """The input for an iteration without ItemSelector: the value, or a key-value pair."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}

    def context(self, index: int) -> JsonObject:
        """Return `$$.Map.Item`."""
        key: JsonObject = {} if self.key is None else {"Key": self.key}
        return {"Index": index, **key, "Value": self.value, "Source": self.source}


def state_items(state: Map, scope: Scope) -> list[Item]:
    """Return the items in the state's data: an array's items, or an object's key-value pairs.

    Raises:
        QueryError: the data are neither an array nor an object.
    """
    value = scope.data if state.items is None else state.items.evaluate(scope)
    if isinstance(value, list):
        return [Item(item) for item in value]
    path = state.items.path if isinstance(state.items, PathExpression) else None
    # Recorded in December 2025: an object in the context object has no items.
    from_context = path is not None and path.root == "$$"
    if isinstance(value, dict) and not from_context:
        return [Item(member, key) for key, member in value.items()]
    if isinstance(state.items, JsonataExpression):
        raise state.items.failure(unexpected_type("array", value))
    if path is None:
        message = f"Map state input must be an array but was: {to_text(value)}"
        raise QueryError(message, QUERY_EVALUATION_ERROR)
    shown = path.text[1:] if from_context else path.text
    raise QueryError(f'Reference path "{shown}" must point to array.')


def selected(flow: Flow, state: Map, scope: Scope, index: int, item: Item) -> Payload:
    """Return an iteration's input: the item, or the value of ItemSelector, whose context object contains the
    item.
    """
    if state.item_selector is None:
        return Payload(item.input)

    def context(whole: bool) -> JsonObject:
        return {**flow.context(whole), "Map": {"Item": item.context(index)}}

    return Payload(state.item_selector.evaluate(replace(scope, context=context)))

"""The steps by which a state's data gets from its input to its output."""

from __future__ import annotations

from typing import Protocol

from harness.json_types import Json

from ..asl import BaseState
from ..errors import QueryError
from ..payload import EMPTY_OBJECT, Payload
from ..query.expressions import Expression
from ..query.jsonpath import JsonPath, place
from ..query.paths import PathExpression
from ..query.scope import Scope


class HasOutput(Protocol):
    """A state, a Catcher or a branch of a Choice: what may have JSONata's Output."""

    @property
    def output(self) -> Expression[Json] | None:
        """The Output."""


def effective_input(state: BaseState, scope: Scope, payload: Payload) -> Payload:
    """The payload through InputPath."""
    return _through(state.input_path, scope, payload)


def path_output(state: BaseState, scope: Scope, payload: Payload) -> Payload:
    """The payload through OutputPath."""
    return _through(state.output_path, scope.on(payload.value), payload)


def _through(path: PathExpression | None, scope: Scope, payload: Payload) -> Payload:
    if path is None:
        return EMPTY_OBJECT
    if path.path.root == "$" and not path.path.steps:
        return payload
    return Payload(path.evaluate(scope))


def merged(result_path: JsonPath | None, payload: Payload, result: Payload) -> Payload:
    """The state's input with the result at ResultPath; the input alone when that is null."""
    if result_path is None:
        return payload
    if not result_path.keys:
        return result
    return Payload(place(payload.value, result_path, result.value))


def jsonata_output(state: HasOutput, scope: Scope, default: Payload) -> Payload:
    """JSONata's Output, the default when there is none."""
    return default if state.output is None else Payload(state.output.evaluate(scope))


def assigned(assign: Expression[Json] | None, scope: Scope) -> dict[str, Json] | None:
    """The variables that an Assign sets.

    Raises:
        QueryError: a part of it cannot be evaluated.
    """
    if assign is None:
        return None
    values = assign.evaluate(scope)
    if not isinstance(values, dict):
        raise QueryError("Assign is not an object")
    return values

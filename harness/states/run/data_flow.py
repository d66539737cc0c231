"""The flow of a state's data from its input to its output.

Both query languages use this data flow. Fields that belong only to the other language are absent, and an
absent path is `$`, which returns its input unchanged.
"""

from __future__ import annotations

from harness.json_types import Json

from ..asl import BaseState, Map, Parallel, Pass, Task
from ..errors import QueryError
from ..payload import EMPTY_OBJECT, Payload
from ..query.expressions import Expression
from ..query.jsonpath.path import JsonPath, place
from ..query.paths import PathExpression
from ..query.scope import Scope
from .control_flow import Flow


def entered(flow: Flow, state: BaseState, payload: Payload) -> tuple[Payload, Scope]:
    """Return the payload after InputPath, and the scope for evaluating the state's fields.

    Raises:
        QueryError: InputPath has no result.
    """
    scope = flow.scope(payload.value, input=payload.value)
    given = _through(state.input_path, scope, payload)
    return given, scope if given is payload else scope.on(given.value)


def output_of(state: BaseState, output: Expression[Json] | None, scope: Scope, result: Payload) -> Payload:
    """Return the value of JSONata's Output if there is one, otherwise the result after OutputPath.

    Args:
        output: the Output of the state, or of the Choice branch taken.

    Raises:
        QueryError: the field cannot be evaluated.
    """
    if output is not None:
        return Payload(output.evaluate(scope))
    return _through(state.output_path, scope.on(result.value), result)


def output_and_variables(
    state: Pass | Task | Parallel | Map,
    scope: Scope,
    payload: Payload,
    result: Payload,
    selector: Expression[Json] | None = None,
) -> tuple[Payload, dict[str, Json] | None]:
    """Return the output of a state that has a result, and the variables that its Assign sets.

    Assign is evaluated after JSONata's Output, but before ResultSelector, ResultPath and OutputPath.

    Args:
        scope: the scope with the result as its data.
        selector: the state's ResultSelector.

    Raises:
        QueryError: a field cannot be evaluated.
    """
    if state.output is not None:
        output = Payload(state.output.evaluate(scope))
        return output, assigned(state.assign, scope)
    variables = assigned(state.assign, scope)
    selected = result if selector is None else Payload(selector.evaluate(scope))
    return output_of(state, None, scope, merged(state.result_path, payload, selected)), variables


def _through(path: PathExpression | None, scope: Scope, payload: Payload) -> Payload:
    if path is None:
        return EMPTY_OBJECT
    if path.path.root == "$" and not path.path.steps:
        return payload
    return Payload(path.evaluate(scope))


def merged(result_path: JsonPath | None, payload: Payload, result: Payload) -> Payload:
    """Insert the result into the state's input at ResultPath. If ResultPath is null, return the input.

    Raises:
        QueryError: States.ResultPathMatchFailure.
    """
    if result_path is None:
        return payload
    if not result_path.keys:
        return result
    return Payload(place(payload.value, result_path, result.value))


def assigned(assign: Expression[Json] | None, scope: Scope) -> dict[str, Json] | None:
    """Return the variables that an Assign sets.

    Raises:
        QueryError: a part of it cannot be evaluated.
    """
    if assign is None:
        return None
    values = assign.evaluate(scope)
    if not isinstance(values, dict):
        raise QueryError("Assign is not an object")
    return values

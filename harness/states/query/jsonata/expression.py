"""JSONata expressions, `{% ... %}`: recognition, references, and their values in a scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeGuard

from harness.json_types import Json

from ...errors import QUERY_EVALUATION_ERROR, QueryError
from ...payload import read_json
from ..expressions import Expression, compiled
from ..scope import Scope
from .engine import EvaluationFailed, InvalidSyntax, Program, World
from .functions import NAMES, Chance, host_functions
from .integers import selected, with_exact_integers
from .references import absent_field, unsupported_reference

INVALID_JSONATA_EXPRESSION: Final = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED_JSONATA_EXPRESSION: Final = "UNSUPPORTED_JSONATA_EXPRESSION"
_SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
_OPENING: Final = "{%"
_CLOSING: Final = "%}"
_MARKS: Final = "JSONata string must start with {% and end with %}"
"""AWS's message, as recorded by third parties from ValidateStateMachineDefinition."""


class InvalidExpression(ValueError):
    """A string between `{%` and `%}` is not JSONata, or AWS rejects it.

    Attributes:
        code: AWS's code for the problem.
        location: the field that contains it, e.g. `Output/result`.
    """

    def __init__(self, message: str, location: str, code: str = INVALID_JSONATA_EXPRESSION) -> None:
        super().__init__(message)
        self.location = location
        self.code = code


def is_expression(value: Json) -> TypeGuard[str]:
    """Return whether a value is a JSONata expression: a string that starts with `{%` and ends with `%}`."""
    if not isinstance(value, str) or len(value) < len(_OPENING + _CLOSING):
        return False
    return value.startswith(_OPENING) and value.endswith(_CLOSING)


def compile_jsonata(
    template: Json, location: str, available: frozenset[str] = frozenset()
) -> Expression[Json]:
    """Compile a template of a JSONata state. Every string of the form `{% ... %}` in it is an expression.

    Args:
        location: the field's name, as EvaluationFailed shows it, e.g. `Output`.
        available: the fields of `$states` in addition to `input` and `context`: `result`, `errorOutput`.

    Raises:
        InvalidExpression: an expression is not JSONata, or has an invalid reference.
    """

    def computed(name: str, value: Json, place: str) -> tuple[str, Expression[Json]] | None:
        if is_expression(value):
            text = value[len(_OPENING) : -len(_CLOSING)].strip()
            return name, JsonataExpression(text, place, available)
        if isinstance(value, str) and (value.startswith(_OPENING) or value.endswith(_CLOSING)):
            raise InvalidExpression(_MARKS, place, _SCHEMA)
        return None

    return compiled(template, location, computed)


class JsonataExpression:
    """A compiled expression.

    Attributes:
        text: the expression without `{%` and `%}`.
        location: the field that contains it.
        variables: the names of the variables that it reads, including `states`.
    """

    __slots__ = ("_names", "_program", "_states_fields", "location", "text", "variables")

    def __init__(self, text: str, location: str, available: frozenset[str] = frozenset()) -> None:
        """Compile the expression. Raises InvalidExpression."""
        self.text: Final = text
        self.location: Final = location
        try:
            self._program: Final = Program(text)
        except InvalidSyntax as error:
            raise InvalidExpression(str(error), location) from None
        read = self._program.reads.get("states")
        refused = unsupported_reference(self._program.words, self._program.reads_root)
        refused = refused or absent_field(read, available)
        if refused:
            raise InvalidExpression(refused, location, UNSUPPORTED_JSONATA_EXPRESSION)
        self.variables: Final = frozenset(self._program.reads) - NAMES
        # May contain more variables than the expression reads: a variable can hide a JSONata function, e.g.
        # `$count`.
        self._names: Final = frozenset(
            word.text[1:] for word in self._program.words if word.kind == "variable"
        )
        self._states_fields: Final = frozenset(read) if isinstance(read, dict) else None

    def evaluate(self, scope: Scope) -> Json:
        """Evaluate the expression.

        Raises:
            QueryError: the evaluation failed or returned nothing (States.QueryEvaluationError).
        """
        world = self._world(scope)
        try:
            result = self._program.run(world)
        except EvaluationFailed as error:
            raise self.failure(f"threw an error during evaluation{error}") from None
        if self._program.holds_function(result, world):
            raise self.failure("returned an unsupported result type.")
        if result is None:
            raise self.failure("returned nothing (undefined).")
        try:
            return read_json(with_exact_integers(result, self._read(scope)))
        except ValueError as error:
            raise self.failure(f"returned a value that is not JSON: {error}") from None

    def failure(self, what: str) -> QueryError:
        """Return an error for this expression. Example for `what`: `returned nothing (undefined).`"""
        return QueryError(
            f"The JSONata expression '{self.text}' specified for the field '{self.location}' {what}",
            QUERY_EVALUATION_ERROR,
            self.location,
        )

    def _read(self, scope: Scope) -> Iterator[Json]:
        """Return the values that the expression can read, except for the context object."""
        values = {**scope.variables.visible(), "states": scope.states}
        for name in self._names & values.keys():
            yield selected(values[name], self._program.reads.get(name, True))

    def _world(self, scope: Scope) -> World:
        """Return the references in the expression. `eval` is undefined, because AWS does not support it."""
        bindings: dict[str, object] = {"eval": None}
        chance = Chance(scope.randomness)
        visible = scope.variables.visible()
        bindings.update((name, visible[name]) for name in self._names if name in visible)
        if self._names & NAMES:
            bindings.update(host_functions(chance))
        if "states" in self.variables:
            wanted = self._states_fields
            states = {name: value for name, value in scope.states.items() if wanted is None or name in wanted}
            if wanted is None or "context" in wanted:
                states["context"] = scope.context(False)
            bindings["states"] = states
        seed = scope.randomness.integer(0, 1 << 32) if "shuffle" in self._names else 0
        return World(bindings, int(scope.now() * 1000), seed, begin=chance.again)

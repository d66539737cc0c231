"""The data available to expressions while one field is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.json_types import Json

from ..errors import QueryError
from ..randomness import Randomness
from .jsonpath.path import JsonPath


class Variables:
    """The variables of one flow. A branch can read its parent's variables, but assigns only to its own."""

    __slots__ = ("_own", "_parent")

    def __init__(self, parent: Variables | None = None) -> None:
        self._parent = parent
        self._own: dict[str, Json] = {}

    def assign(self, values: dict[str, Json]) -> None:
        """Set variables in this scope."""
        self._own.update(values)

    def visible(self) -> dict[str, Json]:
        """Return all readable variables."""
        return {**self._parent.visible(), **self._own} if self._parent else self._own


@dataclass(slots=True)
class Scope:
    """The data for one evaluation.

    Attributes:
        data: the value of `$`: effective input, result or error output.
        context: builds the context object, `$$`, when it is needed. Called with True to return the whole
            object. As recorded, the whole object contains a task token only in states that wait for a token.
        now: the clock, in seconds since 1970.
        states: the fields of JSONata's `$states` except `context`, e.g. `{"input": ..., "result": ...}`.
    """

    data: Json
    context: Callable[[bool], Json]
    variables: Variables
    randomness: Randomness
    now: Callable[[], float]
    states: dict[str, Json]

    def on(self, data: Json) -> Scope:
        """Return the same scope with different data."""
        return Scope(data, self.context, self.variables, self.randomness, self.now, self.states)

    def root(self, path: JsonPath) -> Json:
        """Return the document from which a path starts.

        Raises:
            QueryError: the path starts from a variable that has no value.
        """
        if path.root == "$":
            return self.data
        if path.root == "$$":
            return self.context(not path.steps)
        variables = self.variables.visible()
        if path.root not in variables:
            raise QueryError(f"The variable '${path.root}' is not defined")
        return variables[path.root]

"""The points in an execution where the sweep tries faults, as the kinds of faults see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from ..shared.model import Target
from .call import Parameters


class Shape(Protocol):
    """The type of a response member, from the service's API description."""

    @property
    def kind(self) -> str:
        """Return `structure`, `list`, `map`, or a scalar's kind."""

    @property
    def members(self) -> Mapping[str, Shape]:
        """Return a structure's members by name."""

    @property
    def inner(self) -> Shape:
        """Return the type of a list's items or a map's values."""

    @property
    def words(self) -> tuple[str, ...]:
        """Return all possible values, if the description lists them."""


class Api(Protocol):
    """A service's API, as described by its model."""

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the names of its operations."""

    def output(self, operation: str) -> Shape | None:
        """Return the type of an operation's response, or None if the response is empty."""

    def answers_in_part(self, operation: str) -> bool:
        """Return whether the operation can return partial responses, as batches and paginated lists can."""


class Point(Protocol):
    """A call, a task or a function's invocation, where the sweep tries faults.

    `params` are the observed parameters. Only calls and tasks have `operation`, `api` and `error_codes` (the
    codes worth trying).
    """

    @property
    def target(self) -> Target:
        """Return the type of the point: a call, a task or a function's invocation."""

    @property
    def params(self) -> Parameters:
        """Return the call's parameters."""

    @property
    def fails(self) -> bool:
        """Return whether the invocation fails on its own, so that no fault can fire after its work."""

    @property
    def operation(self) -> str:
        """Return the operation's API name."""

    @property
    def api(self) -> Api:
        """Return the service's description."""

    @property
    def error_codes(self) -> Sequence[str]:
        """Return the error codes to try."""


class Variant(NamedTuple):
    """A fault that the sweep tries: the YAML keys, and a label that is unique within its kind."""

    label: str
    keys: Parameters

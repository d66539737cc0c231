"""The points of a run at which the sweep tries faults, as the kinds of faults see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from ..shared.model import Target
from .call import Parameters


class Shape(Protocol):
    """The type of a member of an answer, as the service's API description has it."""

    @property
    def kind(self) -> str:
        """Give `structure`, `list`, `map`, or a scalar's kind."""

    @property
    def members(self) -> Mapping[str, Shape]:
        """Give a structure's members by name."""

    @property
    def inner(self) -> Shape:
        """Give the type of a list's items or a map's values."""

    @property
    def words(self) -> tuple[str, ...]:
        """Give all values that there are, when the description lists them."""


class Api(Protocol):
    """The API of a service, as its description has it."""

    @property
    def operations(self) -> tuple[str, ...]:
        """Give the names of its operations."""

    def output(self, operation: str) -> Shape | None:
        """Give the type of an operation's answer; None if that is empty."""

    def answers_in_part(self, operation: str) -> bool:
        """Tell batches and listings in pages, whose answers may lack some of what was asked for."""


class Point(Protocol):
    """A call, a task or an invocation of a run, at which the sweep tries faults.

    `params` are those that were seen. `operation`, `api` and `error_codes` (those worth trying) are there for
    calls and tasks only.
    """

    @property
    def target(self) -> Target:
        """Tell whether it is a call, a task or an invocation of a function."""

    @property
    def params(self) -> Parameters:
        """Give the parameters of the call."""

    @property
    def fails(self) -> bool:
        """Tell whether the invocation fails by itself: no fault comes after its work."""

    @property
    def operation(self) -> str:
        """Give the API's name of the operation."""

    @property
    def api(self) -> Api:
        """Give the description of the service."""

    @property
    def error_codes(self) -> Sequence[str]:
        """Give the error codes to try."""


class Variant(NamedTuple):
    """A fault that the sweep tries: the keys in YAML, and a label that tells it from others of its kind."""

    label: str
    keys: Parameters

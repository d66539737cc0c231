"""The model of `expect`, created from the expectations available to scenario files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias

from pydantic import Field, create_model

from harness.scenario.base import Model
from harness.scenario.finding import Rule

RUNS = "runs"
"""The key under `expect` for single runs. No expectation may have this key."""

_Fields: TypeAlias = dict[str, Any]  # the format of create_model: name -> (type, field)


class Declared(Protocol):
    """The part of an expectation that is needed to read files. `harness.expect.base.Expectation` implements
    it.
    """

    @property
    def key(self) -> str:
        """The YAML key."""

    @property
    def wanted(self) -> object:
        """The pydantic type of the value under the key."""

    @property
    def description(self) -> str:
        """One sentence for the schema and the reference."""

    @property
    def per_run(self) -> bool:
        """True if the key is also allowed in `expect.runs.<run>`."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules in addition to the type."""


class RunExpectation(Model):
    """Expectations for one run."""

    may_be_empty: ClassVar[bool] = False

    def written(self, key: str) -> object | None:
        """Return the value under an expectation's key; None if the key is absent."""
        value: object | None = getattr(self, _field(key), None)
        return value


class Expect(RunExpectation):
    """Expectations for the final state. Anything that is not listed is not checked."""

    def of_run(self, run: str) -> RunExpectation | None:
        """Return the part for a single run, by run name."""
        runs = self.written(RUNS)
        found = runs.get(run) if isinstance(runs, Mapping) else None
        return found if isinstance(found, RunExpectation) else None


def expect_model(expectations: Iterable[Declared]) -> type[Expect]:
    """Return the `expect` model, with a key for each expectation."""
    declared = tuple(expectations)
    per_run = _fields(each for each in declared if each.per_run)
    for_all = _fields(each for each in declared if not each.per_run)
    run_model: Any = create_model(
        "RunExpectation",
        __base__=RunExpectation,
        __module__=__name__,
        __doc__=RunExpectation.__doc__,
        **per_run,
    )
    meaning = "Expectations for individual runs, by name. A run's key replaces the same key above."
    runs: _Fields = {
        _field(RUNS): (Mapping[str, run_model], Field(default={}, alias=RUNS, description=meaning))
    }
    return create_model(
        "Expect",
        __base__=Expect,
        __module__=__name__,
        __doc__=Expect.__doc__,
        **(per_run | for_all | runs),
    )


def _fields(expectations: Iterable[Declared]) -> _Fields:
    fields: _Fields = {}
    for each in expectations:
        wanted: Any = each.wanted
        field = Field(default=None, alias=each.key, description=each.description)
        fields[_field(each.key)] = (wanted | None, field)
    return fields


def _field(key: str) -> str:
    """Return the attribute name for a key. The key itself could collide with a pydantic method (`json`,
    `copy`).
    """
    return f"key_{key}"

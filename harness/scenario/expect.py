"""The model of `expect`, made from the expectations that scenario files are read with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias

from pydantic import Field, create_model

from harness.scenario.base import Model
from harness.scenario.finding import Rule

RUNS = "runs"
"""The key under `expect` that is for single runs, and therefore not that of an expectation."""

_Fields: TypeAlias = dict[str, Any]  # as create_model takes them: name -> (type, field)


class Declared(Protocol):
    """An expectation as far as it matters for reading files; `harness.expect.base.Expectation` is one."""

    @property
    def key(self) -> str:
        """The YAML key."""

    @property
    def wanted(self) -> object:
        """The type of the value under the key, as pydantic reads it."""

    @property
    def description(self) -> str:
        """One sentence for the schema and the reference."""

    @property
    def per_run(self) -> bool:
        """True if `expect.runs.<run>` may have the key, too."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules that go beyond the type."""


class RunExpectation(Model):
    """Expectations about one run."""

    may_be_empty: ClassVar[bool] = False

    def written(self, key: str) -> object | None:
        """The value under the key of an expectation; None if the key is not there."""
        value: object | None = getattr(self, _field(key), None)
        return value


class Expect(RunExpectation):
    """Expectations about the end; what is not written is not checked."""

    def of_run(self, run: str) -> RunExpectation | None:
        """The part for a single run, by the run's name."""
        runs = self.written(RUNS)
        found = runs.get(run) if isinstance(runs, Mapping) else None
        return found if isinstance(found, RunExpectation) else None


def expect_model(expectations: Iterable[Declared]) -> type[Expect]:
    """The model of `expect` with a key for each expectation."""
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
    meaning = "Expectations about single runs by name; a key here replaces the same key above."
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
    """The attribute for a key: not the key itself, which may be a method of pydantic's (`json`, `copy`)."""
    return f"key_{key}"

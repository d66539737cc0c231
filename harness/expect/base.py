"""Expectations, and the scenario file entries that mismatches refer to."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from harness.engine.base import Capability
from harness.expect.model import Mismatch
from harness.json_types import Json
from harness.observe.model import Observation, Run
from harness.scenario.expect import RUNS
from harness.scenario.finding import Rule
from harness.scenario.model import Scenario
from harness.scenario.position import Position, RefusedError
from harness.scenario.source import Key, KeyPath
from harness.scenario.used_names import Name, NameKind

if TYPE_CHECKING:
    from typing_extensions import TypeForm

W = TypeVar("W")
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Entry:
    """An entry in `expect` with an expectation, and its run ("" for none)."""

    scenario: Scenario
    expectation: str
    path: KeyPath
    run: str = ""

    def at(self, *key_path: Key) -> Entry:
        """Return an entry nested in this one."""
        return replace(self, path=(*self.path, *key_path))

    @property
    def where(self) -> Position:
        """Its position in the file, or the position of the nearest enclosing entry."""
        return self.scenario.position(*self.path)

    def mismatch(
        self, summary: str, expected: str = "", seen: str = "", subject: str = "", link: str = ": "
    ) -> Mismatch:
        """Return a mismatch for this expectation. Its summary has the subject, the link and `summary`.

        If the scenario has several runs, the summary also contains the run's name.
        """
        text = f"{subject}{link}{summary}" if subject else summary
        if self.run and len(self.scenario.runs) > 1:
            text = f"run {self.run}: {text}"
        return Mismatch(self.expectation, self.where, text, expected, seen, subject, self.run)


def _no_names(_: object) -> Iterable[Name]:
    """Return an empty sequence. This is the default for an expectation that declares no names."""
    return ()


def _nothing(*_: object) -> None:
    """Return None. This is the default for an expectation that cannot be recorded."""


def keys_are(kind: NameKind) -> Callable[[Mapping[str, object]], Iterator[Name]]:
    """Return the `names` function for an expectation whose value is a mapping by logical ID."""

    def names(wanted: Mapping[str, object]) -> Iterator[Name]:
        for name in wanted:
            yield Name(kind, name, (name,), "key")

    return names


@dataclass(frozen=True, eq=False, kw_only=True)
class Expectation(ABC, Generic[W]):
    """A key under `expect` and its behaviour. Created as `PerRun` or `Overall`.

    - `key`: the YAML key: lower-case letters, digits and underscores.
    - `wanted`: the type of the value for pydantic (a `Model`, `Mapping[LogicalId, Count]`, ...). It
      determines the schema, the reference and the errors with file:line:column.
    - `description`: one sentence for the schema and the reference.
    - `needs`: required capabilities of the engine. On other engines, scenarios with this key are skipped.
    - `rules`: checks in addition to the type, such as `keys_are_buckets`.
    - `names`: a function that returns the template names in a value, such as `keys_are("table")`. A name that
      the template does not declare is rejected before anything starts.
    - `record`: returns the value that `harness record` writes, from runs of the same scenario in several
      worlds with different IDs and order; None for no expectation. `harness.expect.alike` finds the common
      parts.

    Raises RefusedError for an invalid key, and for any other part that has the wrong type.
    """

    key: str
    wanted: TypeForm[W]
    description: str
    needs: frozenset[Capability] = frozenset()
    rules: tuple[Rule, ...] = ()
    names: Callable[[W], Iterable[Name]] = _no_names
    per_run: ClassVar[bool]

    def __post_init__(self) -> None:
        if not isinstance(self.key, str) or not _KEY.fullmatch(self.key) or self.key == RUNS:
            remedy = "use lower-case letters, digits and underscores" + f", not {RUNS}" * (self.key == RUNS)
            raise RefusedError(f"{self.key!r} is not a valid key for an expectation", remedy)
        for name, fits, remedy in self._parts():
            if not fits:
                said = f"invalid {name} of the expectation {self.key!r}: {getattr(self, name)!r}"
                raise RefusedError(said, remedy)

    def _parts(self) -> Iterator[tuple[str, bool, str]]:
        """Yield the name of each part without another type check, whether the part is valid, and a remedy."""
        yield "description", isinstance(self.description, str), "use a string"
        needs = isinstance(self.needs, Set) and all(isinstance(need, Capability) for need in self.needs)
        yield "needs", needs, "use a set of harness.expect.Capability, such as {Capability.FAULTS}"
        rules = isinstance(self.rules, tuple) and all(callable(rule) for rule in self.rules)
        yield "rules", rules, "use a tuple of functions, such as (keys_are_buckets,)"
        yield "names", callable(self.names), "use a function, such as keys_are('table')"
        yield "record", callable(getattr(self, "record", None)), "use a function"
        yield "compare", callable(getattr(self, "compare", None)), "use a function"

    @abstractmethod
    def mismatches(self, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
        """Yield all differences between the observation and the scenario's expectation under this key."""

    def asked(self, scenario: Scenario, run: str = "") -> tuple[W, Entry] | None:
        """Return the scenario's value under this key for a run ("" for all runs), and its entry."""
        if (written := scenario.expected(self.key, run)) is None:
            return None
        path, value = written
        return cast("W", value), Entry(scenario, self.key, path, run)

    def named(self, scenario: Scenario) -> Iterator[Name]:
        """Yield the names that the scenario uses under this key, without duplicates. `at` is within the
        entire file.
        """
        runs = ("", *(run.name for run in scenario.runs)) if self.per_run else ("",)
        written = dict(found for run in runs if (found := scenario.expected(self.key, run)) is not None)
        for path, value in written.items():
            for name in self.names(cast("W", value)):
                yield name._replace(at=(*path, *name.at))

    def is_asked(self, scenario: Scenario) -> bool:
        """Return whether the scenario has an expectation under this key. Empty lists and mappings do not
        count.
        """
        runs = ("", *(run.name for run in scenario.runs)) if self.per_run else ("",)
        written = [scenario.expected(self.key, run) for run in runs]
        return any(found is not None and bool(found[1]) for found in written)


@dataclass(frozen=True, eq=False, kw_only=True)
class PerRun(Expectation[W]):
    """An expectation for each run. Its key is also allowed in `expect.runs.<run>`.

    `compare(wanted, run, observation, entry)` yields the mismatches for one run. `record(runs, observations)`
    receives corresponding runs from all worlds, and the complete observations.
    """

    compare: Callable[[W, Run, Observation, Entry], Iterable[Mismatch]]
    record: Callable[[Sequence[Run], Sequence[Observation]], Json] = _nothing
    per_run: ClassVar[bool] = True

    def mismatches(self, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
        """Yield the mismatches for each run, in file order. A run that did not start is a mismatch."""
        seen = {run.name: run for run in observation.runs}
        for spec in scenario.runs:
            if (asked := self.asked(scenario, spec.name)) is None:
                continue
            wanted, entry = asked
            if spec.name in seen:
                yield from self.compare(wanted, seen[spec.name], observation, entry)
            else:
                yield entry.mismatch("the run was not started")


@dataclass(frozen=True, eq=False, kw_only=True)
class Overall(Expectation[W]):
    """An expectation for the final state after all runs.

    `compare(wanted, observation, entry)` yields the mismatches. `record(observations)` receives one
    observation from each world.
    """

    compare: Callable[[W, Observation, Entry], Iterable[Mismatch]]
    record: Callable[[Sequence[Observation]], Json] = _nothing
    per_run: ClassVar[bool] = False

    def mismatches(self, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
        """Yield the mismatches for all runs together."""
        if (asked := self.asked(scenario)) is not None:
            wanted, entry = asked
            yield from self.compare(wanted, observation, entry)

"""Expectations, and the entry of a scenario file that mismatches are made from."""

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
    """An entry of `expect` that asks for something, and the run that it is about ("" for none)."""

    scenario: Scenario
    expectation: str
    path: KeyPath
    run: str = ""

    def at(self, *key_path: Key) -> Entry:
        """An entry within this one."""
        return replace(self, path=(*self.path, *key_path))

    @property
    def where(self) -> Position:
        """Its place in the file, or that of the nearest entry around it."""
        return self.scenario.position(*self.path)

    def mismatch(
        self, summary: str, expected: str = "", seen: str = "", subject: str = "", link: str = ": "
    ) -> Mismatch:
        """A mismatch of what is asked for here; its summary is subject, link and `summary`.

        Of several runs, it also says which one.
        """
        text = f"{subject}{link}{summary}" if subject else summary
        if self.run and len(self.scenario.runs) > 1:
            text = f"run {self.run}: {text}"
        return Mismatch(self.expectation, self.where, text, expected, seen, subject, self.run)


def _no_names(_: object) -> Iterable[Name]:
    """The names of an expectation that says nothing about them."""
    return ()


def _nothing(*_: object) -> None:
    """The record of an expectation that has none."""


def keys_are(kind: NameKind) -> Callable[[Mapping[str, object]], Iterator[Name]]:
    """The names of an expectation whose value is a mapping by logical id."""

    def names(wanted: Mapping[str, object]) -> Iterator[Name]:
        for name in wanted:
            yield Name(kind, name, (name,), "key")

    return names


@dataclass(frozen=True, eq=False, kw_only=True)
class Expectation(ABC, Generic[W]):
    """A key of `expect`, and everything that follows from it. Made as `PerRun` or as `Overall`.

    - `key`: the YAML key: small letters, digits and underscores.
    - `wanted`: the type of the value, as pydantic reads it (a `Model`, `Mapping[LogicalId, Count]`, ...).
      Schema, reference and the errors with file:line:column follow from it.
    - `description`: one sentence for the schema and the reference.
    - `needs`: what the engine must be able to do; elsewhere, scenarios that write the key are skipped.
    - `rules`: what must fit together in the file beyond the type, such as `keys_are_buckets`.
    - `names`: the names of the template that a value uses, such as `keys_are("table")`; one that the template
      does not declare is refused before anything is started.
    - `record`: gives the value that `harness record` writes, of the same play in several worlds, whose ids
      and orders differ; None for nothing to expect. `harness.expect.alike` finds what they have in common.

    Raises RefusedError for a key that cannot be one, and for any other part of a wrong type.
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
            remedy = "use small letters, digits and underscores" + f", not {RUNS}" * (self.key == RUNS)
            raise RefusedError(f"{self.key!r} cannot be the key of an expectation", remedy)
        for name, fits, remedy in self._parts():
            if not fits:
                said = f"{name} of the expectation {self.key!r} cannot be {getattr(self, name)!r}"
                raise RefusedError(said, remedy)

    def _parts(self) -> Iterator[tuple[str, bool, str]]:
        """Each part whose type nothing else checks, True if it is right, and a remedy."""
        yield "description", isinstance(self.description, str), "give it a sentence"
        needs = isinstance(self.needs, Set) and all(isinstance(need, Capability) for need in self.needs)
        yield "needs", needs, "give it a set of harness.expect.Capability, such as {Capability.FAULTS}"
        rules = isinstance(self.rules, tuple) and all(callable(rule) for rule in self.rules)
        yield "rules", rules, "give it a tuple of functions, such as (keys_are_buckets,)"
        yield "names", callable(self.names), "give it a function, such as keys_are('table')"
        yield "record", callable(getattr(self, "record", None)), "give it a function"
        yield "compare", callable(getattr(self, "compare", None)), "give it a function"

    @abstractmethod
    def mismatches(self, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
        """All differences between what the scenario expects under this key and what was observed."""

    def asked(self, scenario: Scenario, run: str = "") -> tuple[W, Entry] | None:
        """The value that the scenario has under this key for a run ("" for all), and its entry."""
        if (written := scenario.expected(self.key, run)) is None:
            return None
        path, value = written
        return cast("W", value), Entry(scenario, self.key, path, run)

    def named(self, scenario: Scenario) -> Iterator[Name]:
        """The names that the scenario uses under this key, each once; `at` is within the whole file."""
        runs = ("", *(run.name for run in scenario.runs)) if self.per_run else ("",)
        written = dict(found for run in runs if (found := scenario.expected(self.key, run)) is not None)
        for path, value in written.items():
            for name in self.names(cast("W", value)):
                yield name._replace(at=(*path, *name.at))

    def is_asked(self, scenario: Scenario) -> bool:
        """True if the scenario has something under this key; an empty list or mapping is nothing."""
        runs = ("", *(run.name for run in scenario.runs)) if self.per_run else ("",)
        written = [scenario.expected(self.key, run) for run in runs]
        return any(found is not None and bool(found[1]) for found in written)


@dataclass(frozen=True, eq=False, kw_only=True)
class PerRun(Expectation[W]):
    """An expectation about each run; `expect.runs.<run>` may have its key, too.

    `compare(wanted, run, observation, entry)` yields the mismatches of one run; `record(runs, observations)`
    gets the same run of each play, and all that was observed of the play.
    """

    compare: Callable[[W, Run, Observation, Entry], Iterable[Mismatch]]
    record: Callable[[Sequence[Run], Sequence[Observation]], Json] = _nothing
    per_run: ClassVar[bool] = True

    def mismatches(self, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
        """The mismatches of each run, in the order of the file; one that was not started is one."""
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
    """An expectation about what all runs have left together.

    `compare(wanted, observation, entry)` yields the mismatches; `record(observations)` gets one of each play.
    """

    compare: Callable[[W, Observation, Entry], Iterable[Mismatch]]
    record: Callable[[Sequence[Observation]], Json] = _nothing
    per_run: ClassVar[bool] = False

    def mismatches(self, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
        """The mismatches of all runs together."""
        if (asked := self.asked(scenario)) is not None:
            wanted, entry = asked
            yield from self.compare(wanted, observation, entry)

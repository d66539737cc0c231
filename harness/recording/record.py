"""The record for a scenario: all entries to write, including the new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.expect.base import Expectation, Overall, PerRun
from harness.expect.compare import compare, expectations
from harness.json_types import Json
from harness.observe.model import Observation
from harness.recording.editing import with_entry
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.scenario.source import KeyPath


class NotRecorded(Exception):
    """A scenario cannot be recorded. The message gives the reason and the remedy."""


@dataclass(frozen=True)
class Wanted:
    """The entries to write.

    Attributes:
        only: expectation keys; empty for all.
        update: replace entries that fail. Otherwise, add missing entries.
    """

    only: Collection[str] = ()
    update: bool = False


@dataclass(frozen=True)
class Recorded:
    """The text of a scenario file. `written` contains its recorded keys: `path`, `runs.again.execution`."""

    text: str
    written: tuple[str, ...]


def recorded(text: str, scenario: Scenario, plays: Sequence[Observation], wanted: Wanted) -> Recorded:
    """Return a scenario's text with the common results of its runs.

    Args:
        text: the text of the scenario's file.
        scenario: the scenario parsed from the text.
        plays: the scenario's observations in several worlds.

    Raises:
        NotRecorded: the file cannot be edited without changing other parts of it.
    """
    written = []
    for path, value in _entries(scenario, plays, wanted):
        text = with_entry(text, scenario.path, path, value)
        written.append(".".join(str(key) for key in path[1:]))
    _check(text, scenario, plays, written)
    return Recorded(text, tuple(written))


def _entries(
    scenario: Scenario, plays: Sequence[Observation], wanted: Wanted
) -> Iterator[tuple[KeyPath, Json]]:
    """Yield the entries to write with their key paths, without duplicates."""
    for expectation in expectations(scenario):
        if wanted.only and expectation.key not in wanted.only:
            continue
        values = dict(_values(expectation, scenario, plays))
        chosen = (
            _failing(expectation, scenario, plays)
            if wanted.update
            else _absent(expectation, scenario, values)
        )
        several = len(scenario.runs) > 1 and expectation.per_run
        made: dict[KeyPath, Json] = {}
        for run, at in chosen.items():
            if run in values:
                own = several and at[1] != "runs" and any(each != values[run] for each in values.values())
                made[("expect", "runs", run, expectation.key) if own else at] = values[run]
        yield from made.items()


def _failing(
    expectation: Expectation[object], scenario: Scenario, plays: Sequence[Observation]
) -> dict[str, KeyPath]:
    """Return the runs in which an entry fails, with the entry's key path. The run is "" for an entry that
    applies to all runs.
    """
    runs = {mismatch.run for play in plays for mismatch in expectation.mismatches(scenario, play)}
    found = ((run, scenario.expected(expectation.key, run)) for run in sorted(runs))
    return {run: there[0] for run, there in found if there is not None}


def _absent(
    expectation: Expectation[object], scenario: Scenario, values: Iterable[str]
) -> dict[str, KeyPath]:
    """Return the runs that have no entry, each with the key path to add."""
    several = len(scenario.runs) > 1
    return {
        run: ("expect", "runs", run, expectation.key) if run and several else ("expect", expectation.key)
        for run in values
        if scenario.expected(expectation.key, run) is None
    }


def _values(
    expectation: Expectation[object], scenario: Scenario, plays: Sequence[Observation]
) -> Iterator[tuple[str, Json]]:
    """Yield an expectation's recorded value for each run; "" stands for all runs."""
    if isinstance(expectation, Overall) and (value := expectation.record(plays)) is not None:
        yield "", value
    if not isinstance(expectation, PerRun):
        return
    for name in (run.name for run in scenario.runs):
        runs = [run for play in plays for run in play.runs if run.name == name]
        if len(runs) == len(plays) and (value := expectation.record(runs, plays)) is not None:
            yield name, value


def _check(text: str, scenario: Scenario, plays: Sequence[Observation], written: Sequence[str]) -> None:
    """Check that the new text is a valid scenario and that its new expectations are met.

    Raises:
        NotRecorded: it is invalid, or an expectation fails.
    """
    try:
        found = parse(text, scenario.expectations, scenario.path)
    except ScenarioError as error:
        problems = "; ".join(str(each) for each in error.problems)
        said = (
            f"{scenario.path}: its expectations cannot be written automatically ({problems}); write them "
            "by hand"
        )
        raise NotRecorded(said) from error
    for play in plays:
        for mismatch in compare(found, play):
            if _key_of(mismatch.expectation, written):
                raise NotRecorded(
                    f"{scenario.path}: {mismatch.expectation} differs between runs: {mismatch.summary}; "
                    "write it by hand, and record the others: --only KEY"
                )


def _key_of(expectation: str, written: Sequence[str]) -> bool:
    return any(each.rpartition(".")[2] == expectation for each in written)

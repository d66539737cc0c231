"""Judges histories by running them in a rebuilt environment, with the current functions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.histories import RecordedExecution
from harness.rebuilt.answers import explained
from harness.rebuilt.forms import SameByForm
from harness.rebuilt.names import own_names, recorded_names
from harness.rebuilt.playing import Played, WorldPlayer
from harness.rebuilt.world import Seed, World, Worlds
from harness.replay.attempts import attempts_of, state_of
from harness.replay.comparing import Difference, differences
from harness.replay.flows import Flow, flows_of
from harness.replay.judging import HistoryJudge, Judged, Matter
from harness.replay.placing import FlowKey
from harness.replay.stubs import NotReplayable
from harness.report.layout import shown_path
from harness.scenario.position import ScenarioError
from harness.scenario.stand_ins import stand_ins_of
from harness.session import Session

_STOPPED: Final = "it was stopped externally, which is not repeated: compared up to that point"


@dataclass
class RebuiltJudge(HistoryJudge):
    """Judges histories in rebuilt environments, on a session's engine.

    Args:
        folder: a temporary folder.
        seed: the scenario that provides the seed, if specified.
    """

    session: Session = field(kw_only=True)
    folder: Path = field(kw_only=True)
    seed: Seed | None = field(default=None, kw_only=True)

    @property
    def again(self) -> tuple[str, ...]:
        """The command-line arguments that replay a history in the same way."""
        seed = ("--seed", shown_path(self.seed.scenario.path)) if self.seed else ()
        return ("--real", *super().again, *seed)

    def worlds(self, matter: Matter, *, stubbed: bool = False) -> World:
        """Return the environment for an execution.

        Raises:
            NotReplayable: it cannot be built.
        """
        worlds = Worlds(matter.settings, self.folder, self.seed, self.definition, stubbed)
        try:
            return worlds.world(
                matter.execution, matter.machine, matter.changes, is_default=matter.is_default
            )
        except ScenarioError as error:
            raise NotReplayable(f"its environment cannot be rebuilt: {error}") from error

    def settled(self, matter: Matter, *, stubbed: bool = False) -> Settled:
        """Run an execution in its environment. If it differs, also assume that failed functions did their
        work.

        Raises:
            NotReplayable: it cannot be run.
        """
        world = self.worlds(matter, stubbed=stubbed)
        player = WorldPlayer(self.session)
        played = player.play(world, matter.settings)
        found = compared(played, matter)
        if found.differences and world.may_have_worked:
            worked = player.play(world.had_worked(), matter.settings)
            other = compared(worked, matter)
            if other.first > found.first:
                played, found = worked, replace(other, notes=(*other.notes, *_work(world)))
        unknown = together(each for each in world.unknown if _comes_before(each, found, played))
        shown = (f"not known: {each}" for each in unknown)
        return Settled(played, replace(found, notes=(*found.notes, *shown)))

    def _replayed(self, execution: RecordedExecution) -> Judged:
        matter = self.matter(execution)
        found = self.settled(matter).compared
        return matter.judged(found.differences, self.again, found.notes)


@dataclass(frozen=True)
class Compared:
    """The comparison of a run with its recording: the differences, and notes about uncompared parts."""

    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def first(self) -> float:
        """The ID of the recorded event with the first difference; infinity if there are no differences."""
        return min((each.event or each.until for each in self.differences), default=math.inf)


@dataclass(frozen=True)
class Settled:
    """The run that determines the outcome, and its comparison."""

    played: Played
    compared: Compared


def compared(played: Played, matter: Matter) -> Compared:
    """Compare a run with its recording."""
    known = recorded_names(matter.execution, matter.machine)
    names = own_names(played, matter.machine, known)
    ours = names.marked(played.ours)
    sameness = SameByForm(_given(played), _tokens(played), known, names.by_mark).skipping(matter.skips)
    theirs, seen = both_flows(ours, matter)
    if matter.execution.status == "ABORTED":
        for flow in (*theirs.values(), *seen.values()):
            flow.stopped = True
    found = differences(theirs, seen, sameness)
    why = _stuck(played)
    shown = [explained(each, played) for each in found]
    if shown and why and not shown[0].asked:
        shown[0] = replace(shown[0], why=why)
    return Compared(tuple(shown), tuple(_notes(played, matter)))


def both_flows(ours: RecordedExecution, matter: Matter) -> tuple[dict[FlowKey, Flow], dict[FlowKey, Flow]]:
    """Return the flows of a recorded execution, and of ours."""
    changes = matter.changes
    recorded = flows_of(matter.execution.events, changes.removed, changes.renamed)
    return recorded, flows_of(ours.events, changes.added)


def _given(played: Played) -> Iterator[str]:
    """Yield what both executions receive: the execution's input, and the answers from the history."""
    recorded = played.world.execution
    yield recorded.input
    for place, visits in attempts_of(recorded, {}).items():
        if state_of(place) not in played.world.played:
            for attempts in visits.in_order:
                yield from (each.ended.text("output") for each in attempts if each.ended is not None)


def _tokens(played: Played) -> Sequence[str]:
    return tuple(played.observation.task_tokens)


def _stuck(played: Played) -> str:
    return " ".join(played.stuck.split())


def _notes(played: Played, matter: Matter) -> Iterator[str]:
    """Yield sentences about the parts that were not compared because they did not run again."""
    attempts = played.attempts
    total = sum(len(each) for visits in attempts.values() for each in visits.in_order)
    answered = _answered(played)
    for place, visits in attempts.items():
        first = visits.in_order[0][0].scheduled
        if first.type == "ActivityScheduled":
            answered[state_of(place)] += sum(map(len, visits.in_order))
    if number := sum(answered.values()):
        names = ", ".join(f"{name} ({times})" if times > 1 else name for name, times in answered.items())
        were = "was" if number == 1 else "were"
        yield f"{number} of {total} tasks {were} answered from the history: {names}"
    if matter.execution.status == "ABORTED":
        yield _STOPPED


def _answered(played: Played) -> Counter[str]:
    """Return the number of tasks that the history's stand-ins answered, by state and without failures."""
    found: Counter[str] = Counter()
    world = played.world
    standing = stand_ins_of(world.scenario)
    for number, times in sorted(played.observation.stand_ins_used.items()):
        each = standing[number]
        if times and each.at[1] >= world.stand_ins and each.spec.state not in world.played:  # type: ignore[operator]
            found[each.spec.state] += times
    return found


_OF_EVENTS: Final = re.compile(r"events? (\d+(?:, \d+)*)")
_OF_WORK: Final = " had done before it failed"


def _comes_before(sentence: str, found: Compared, played: Played) -> bool:
    """Return whether missing information may be the cause of a difference."""
    if not found.differences or (played.world.worked and _OF_WORK in sentence):
        return False
    match = _OF_EVENTS.search(sentence)
    return match is None or int(match[1].partition(",")[0]) < found.first


def together(sentences: Iterable[str]) -> Iterator[str]:
    """Yield sentences, with equal sentences about several events merged."""
    found: dict[str, list[str]] = {}
    for each in sentences:
        match = re.match(r"events? (\d+(?:, \d+)*): ", each)
        found.setdefault(each[match.end() :] if match else each, []).extend([match[1]] if match else [])
    for text, ids in found.items():
        shown = ", ".join(ids)
        yield f"event{'s' * (',' in shown)} {shown}: {text}" if ids else text


def _work(world: World) -> Iterator[str]:
    """Yield sentences about functions that did their work before they failed."""
    for name in dict.fromkeys(each.function for each in world.scenario.faults if each.function):
        of_it = [each for each in world.unknown if f"that {name}{_OF_WORK}" in each]
        ids = [match[1] for each in of_it if (match := _OF_EVENTS.search(each))]
        shown = ", ".join(ids)
        events = f"event{'s' * (',' in shown)} {shown}"
        yield f"assumed to have done its work before it failed, which no history shows: {name} ({events})"

"""Replays one recorded execution in the interpreter, and compares the histories.

`attempts` reads the task results from the history, and `stubs` returns them. The definition runs in virtual
time. `flows` splits both histories into flows, and `comparing` compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from harness.histories import RecordedExecution
from harness.json_types import Json
from harness.replay.accepted import Changes
from harness.replay.attempts import attempts_of
from harness.replay.comparing import Difference, differences
from harness.replay.flows import flows_of
from harness.replay.open_values import mark
from harness.replay.placing import Places, placed
from harness.replay.sameness import Sameness, SameText, Skips
from harness.replay.stubs import Stubs
from harness.states import Event, Execution, Identity, Limits, Livelock, Simulation, VirtualClock
from harness.states.asl import Machine, Map, states_in

_CUT_SHORT: Final = frozenset({"ExecutionAborted", "ExecutionTimedOut"})
"""Types of the last event in an execution that was stopped, or that timed out."""
_STEPS: Final = 1_000
_NO_CHANGES: Final = Changes()
_NO_VALUES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Replayed:
    """A replay: its events, and all differences from the recording, in order."""

    execution: RecordedExecution
    events: tuple[Event, ...]
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Return whether no differences were found."""
        return not self.differences


def replay(
    execution: RecordedExecution,
    machine: Machine,
    changes: Changes = _NO_CHANGES,
    also: SameText = lambda _expected, _seen: False,
    values: Mapping[str, str] = _NO_VALUES,
    skips: Skips | None = None,
    places: Places | None = None,
) -> Replayed:
    """Replay an execution with a definition.

    Args:
        also: returns whether a recorded and a replayed string are to be considered equal although they
            differ.
        values: the values for marks in the definition.
        skips: returns whether a value is excluded from the comparison.
        places: the places of the recorded events, if they are known.

    Raises:
        NotReplayable: the replay requires a value that the history does not contain.
    """
    maps = frozenset(state.name for state in states_in(machine.workflow) if isinstance(state, Map))
    places = places or placed(execution.events)
    stubs = Stubs(attempts_of(execution, changes.renamed, places), changes, maps)
    events = tuple(_Run(execution, machine, stubs).events())
    sameness = Sameness(_given(execution), stubs.tokens, also, values).skipping(skips)
    recorded = flows_of(execution.events, changes.removed, changes.renamed, places)
    found = differences(recorded, flows_of(events, changes.added), sameness)
    return Replayed(execution, events, tuple(_explained(each, stubs) for each in found))


def _given(execution: RecordedExecution) -> Iterator[str]:
    """Yield the strings that a replay receives: the input, and the task results."""
    yield execution.input
    yield from (event.text("output") for event in execution.events if not event.type.startswith(_STATES))


_STATES: Final = ("Choice", "Execution", "Map", "Parallel", "Pass", "Succeed", "TaskState", "Wait")


def _explained(each: Difference, stubs: Stubs) -> Difference:
    state = each.seen_state or each.state
    done = {request.state_name for request in stubs.never_done.values()}
    if state in done and each.what == "the event":
        why = f"the definition runs the task {state!r}, which the recorded execution never ran"
        return replace(each, why=why)
    return each


@dataclass
class _Run:
    """A single run of the interpreter."""

    recorded: RecordedExecution
    machine: Machine
    stubs: Stubs
    _over: bool = field(default=False, init=False)

    def events(self) -> list[Event]:
        """Return the events of the replay's history."""
        # The current definition may loop endlessly. Even a changed definition does not require more steps
        # than this.
        limits = Limits(stall_steps=_STEPS + 10 * len(self.recorded.events))
        simulation = Simulation(self.stubs, clock=VirtualClock(self.recorded.started), limits=limits)
        self.stubs.join(simulation)
        execution = self._start(simulation)
        self.stubs.execution_arn = execution.arn
        with suppress(Livelock):
            if self.recorded.events[-1].type in _CUT_SHORT:
                self._cut_short(simulation, execution)
            else:
                simulation.scheduler.run(stop=lambda: not execution.running)
        return execution.history.events

    def _start(self, simulation: Simulation) -> Execution:
        recorded = self.recorded
        identity = Identity(recorded.machine_arn or self._machine_arn(), recorded.role_arn)
        execution = simulation.start(
            self.machine,
            identity,
            recorded.input,
            name=recorded.name or mark("the execution's name"),
            express=recorded.express,
        )
        if recorded.arn:
            execution.arn = recorded.arn
        return execution

    def _machine_arn(self) -> str:
        """Return an ARN for a machine when the history contains only its Region."""
        regions = (event.text("region") for event in self.recorded.events)
        region = next(filter(None, regions), "us-east-1")
        account = mark("AWS::AccountId")
        return f"arn:aws:states:{region}:{account}:stateMachine:{mark('the state machine')}"

    def _cut_short(self, simulation: Simulation, execution: Execution) -> None:
        """Run as far as the recorded execution ran, and then stop in the same way.

        The exact end depends on the milliseconds between states on AWS, so the virtual clock cannot determine
        it.
        """
        number, end = len(self.recorded.events) - 1, self.recorded.events[-1]
        history, noted = execution.history, execution.history.on_event

        def note(id: int) -> None:
            if noted is not None:
                noted(id)
            if id >= number:
                simulation.scheduler.interrupt()

        history.on_event = note
        simulation.scheduler.run(stop=lambda: not execution.running or len(history.events) >= number)
        if not execution.running:
            return
        if end.type == "ExecutionAborted":
            error, cause = end.details.get("error"), end.details.get("cause")
            simulation.stop(execution, _text(error), _text(cause))
        elif execution.timer is not None:
            execution.timer.fire()


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None

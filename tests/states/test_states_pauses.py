"""Pauses at history events, during which an external caller changes the simulation's surroundings."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from states_support import FUNCTION, IDENTITY, Port, echo, machine_of, types

from harness.states import Execution, Outcome, Simulation, TaskRequest, TaskSucceeded, parse

SECONDS = 20.0  # of real time, which nothing here needs
MACHINE = machine_of(
    ("First", {"Type": "Task", "Resource": FUNCTION}), ("Second", {"Type": "Task", "Resource": FUNCTION})
)
SCHEDULED = 3  # of First; 4 is its start, 8 and 9 those of Second


class World:
    """A simulation, and what its tasks answer, which can be changed."""

    def __init__(self) -> None:
        self.answer = "old"
        self.simulation = Simulation(Port(self._said))

    def _said(self, _: TaskRequest) -> Outcome:
        return TaskSucceeded(self.answer)

    @contextmanager
    def running(self) -> Iterator[Execution]:
        """An execution that runs in a separate thread."""
        execution = self.simulation.start(parse(MACHINE), IDENTITY, name="run")
        thread = threading.Thread(target=self.simulation.scheduler.run, daemon=True)
        thread.start()
        yield execution
        thread.join(SECONDS)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("number", "first", "second"),
    [(SCHEDULED, "new", "new"), (4, "old", "new"), (8, "old", "new"), (9, "old", "old")],
)
def test_what_is_changed_in_a_pause_is_so_for_what_begins_after_it(
    number: int, first: str, second: str
) -> None:
    world = World()
    world.simulation.pauses.at([number])
    with world.running() as execution:
        assert world.simulation.pauses.wait(SECONDS) == number
        assert len(execution.history.events) == number
        world.answer = "new"
        world.simulation.pauses.go_on()
    outputs = [event.details for event in execution.history.events if event.type.endswith("Succeeded")]
    answers = [details["output"] for details in outputs[:2] if details]
    assert answers == [f'"{first}"', f'"{second}"']


def test_it_is_held_at_each_number_in_turn_and_no_time_passes() -> None:
    world = World()
    world.simulation.pauses.at([8, 2])
    moments: list[float] = []
    with world.running():
        for number in (2, 8):
            assert world.simulation.pauses.wait(SECONDS) == number
            with world.simulation.scheduler.frozen():
                moments.append(world.simulation.clock.now())
                moments.append(world.simulation.clock.now())
            world.simulation.pauses.go_on()
        assert world.simulation.pauses.wait(SECONDS) == 0
    assert moments[0] == moments[1]
    assert moments[2] == moments[3] == pytest.approx(moments[0] + 0.1)


def test_a_number_that_does_not_come_is_given_up_when_nothing_is_waited_for() -> None:
    world = World()
    world.simulation.pauses.at([1_000])
    with world.running() as execution:
        pass
    assert execution.status.value == "SUCCEEDED"
    assert world.simulation.pauses.wait(0.0) == 0


def test_somebody_who_needs_time_gets_it_in_a_pause() -> None:
    world = World()
    asking: list[str] = []
    world.simulation.pauses.asking = lambda: asking
    world.simulation.pauses.at([SCHEDULED])
    with world.running() as execution:
        assert world.simulation.pauses.wait(SECONDS) == SCHEDULED
        with world.simulation.scheduler.frozen():
            asking.append("a function of the stack")
    assert types(execution)[-1] == "ExecutionSucceeded"
    assert world.simulation.pauses.held == SCHEDULED


def test_events_tell_how_often_something_looked_outside() -> None:
    simulation = Simulation(Port(echo))
    simulation.pauses.at((), record=True)
    execution = simulation.start(parse(MACHINE), IDENTITY, name="run")
    simulation.pauses.touch()
    simulation.scheduler.run()
    passed = simulation.pauses.passed()
    assert [event.id for event in passed] == list(range(1, len(execution.history.events) + 1))
    assert {event.execution_arn for event in passed} == {execution.arn}
    assert [event.touched for event in passed[:3]] == [1, 2, 2]

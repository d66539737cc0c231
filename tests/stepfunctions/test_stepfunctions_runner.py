"""The runner: when time passes, who waits, and how it ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from stepfunctions_support import Port, wait

from harness.polling import poll
from harness.states import Execution, Limits, Simulation, parse
from harness.states.run.execution import Identity
from harness.stepfunctions.outside import Outside
from harness.stepfunctions.runner import Runner, clock_of
from harness.stepfunctions.task_time import ClockMode

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:machine"
LIVELOCK = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "C"}],
            "Default": "A",
        },
        "C": {"Type": "Succeed"},
    },
}
SECONDS = 10.0  # of real time, which nothing here needs


class Bench:
    """A simulation whose clock has this mode."""

    def __init__(self, mode: ClockMode, limits: Limits | None = None) -> None:
        self.port = Port()
        self.simulation = Simulation(self.port, clock=clock_of(mode), limits=limits)
        self.outside = Outside()
        self.runner = Runner(self.simulation, mode, outside=self.outside)
        self.runner.start()
        self.begin = self.simulation.clock.now()

    @property
    def passed(self) -> float:
        with self.simulation.scheduler.frozen():
            return self.simulation.clock.now() - self.begin

    def start(self, definition: Any, name: str = "run") -> Execution:
        return self.simulation.start(parse(json.dumps(definition)), Identity(MACHINE, "role"), name=name)


@pytest.fixture
def stepped() -> Iterator[Bench]:
    bench = Bench(ClockMode.STEPPED)
    yield bench
    bench.runner.close()


def test_stepped_time_stands_still_until_somebody_waits(stepped: Bench) -> None:
    execution = stepped.start(wait(3600))
    assert (execution.running, stepped.passed) == (True, 0)
    assert stepped.runner.wait(execution, SECONDS)
    assert (execution.running, stepped.passed) == (False, 3600)


def test_stepped_time_stops_when_what_was_waited_for_has_ended(stepped: Bench) -> None:
    short, long = stepped.start(wait(10), "short"), stepped.start(wait(20), "long")
    assert stepped.runner.wait(short, SECONDS)
    assert (long.running, stepped.passed) == (True, 10)


def test_waiting_for_what_has_ended_lets_no_time_pass(stepped: Bench) -> None:
    execution = stepped.start(wait(10))
    for _ in range(2):
        assert stepped.runner.wait(execution, SECONDS)
        stepped.start(wait(99), f"other-{_}")
    assert stepped.passed == 10


def test_time_may_pass_by_itself(stepped: Bench) -> None:
    execution = stepped.start(wait(10))
    assert stepped.runner.sleep(9.5, SECONDS)
    assert (execution.running, stepped.passed) == (True, 9.5)
    assert stepped.runner.sleep(1, SECONDS)
    assert (execution.running, stepped.passed) == (False, 10.5)


def test_several_may_wait(stepped: Bench) -> None:
    executions = [stepped.start(wait(n), f"run-{n}") for n in (5, 10, 15)]
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda e: stepped.runner.wait(e, SECONDS), executions))
    assert ended == [True, True, True]
    assert stepped.passed == 15


def test_virtual_time_passes_at_once() -> None:
    bench = Bench(ClockMode.VIRTUAL)
    execution = bench.start(wait(3600))
    assert bench.runner.wait(execution, SECONDS)
    assert bench.passed == 3600
    bench.runner.close()


@pytest.mark.parametrize("mode", ClockMode)
def test_who_waits_for_an_end_is_told_when_all_is_closed(mode: ClockMode) -> None:
    bench = Bench(mode)
    waits = threading.Event()
    with ThreadPoolExecutor() as pool:
        ended = pool.submit(bench.runner.until, lambda _end: waits.set())
        assert waits.wait(SECONDS)
        bench.runner.close()
        assert ended.result(SECONDS) is False
    assert bench.runner.until(lambda _end: None) is False


def test_who_waits_for_an_end_is_told_of_a_bug() -> None:
    bench = Bench(ClockMode.VIRTUAL)

    def break_down() -> None:
        raise ZeroDivisionError("a bug of an event")

    def ends(_end: Callable[[], None]) -> None:
        bench.simulation.scheduler.at(bench.begin, break_down)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(bench.runner.until, ends)
        with pytest.raises(RuntimeError, match="a bug of an event"):
            waiting.result(SECONDS)
    bench.runner.close()


def test_real_time_passes_as_it_does() -> None:
    bench = Bench(ClockMode.REAL)
    execution = bench.start(wait(3600))
    assert not bench.runner.wait(execution, 0.05)
    assert bench.runner.wait(bench.start(wait(0), "short"), SECONDS)
    bench.runner.close()


def test_a_livelock_is_cut_off_and_is_the_cause() -> None:
    bench = Bench(ClockMode.STEPPED, Limits(stall_steps=1000))
    execution = bench.start(LIVELOCK)
    assert bench.runner.wait(execution, SECONDS)
    assert (execution.status.value, execution.error) == ("ABORTED", "Harness.Stopped")
    assert "without time passing" in (execution.cause or "")
    assert bench.runner.wait(bench.start(wait(5), "after"), SECONDS)
    bench.runner.close()


def test_a_port_that_breaks_down_is_told_to_who_waits(capfd: pytest.CaptureFixture[str]) -> None:
    bench = Bench(ClockMode.STEPPED)

    def break_down(_: object) -> None:
        raise ZeroDivisionError("a bug of the port")

    bench.port.on_start = break_down
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    states = {"W": {"Type": "Wait", "Seconds": 1, "Next": "T"}, "T": task}
    execution = bench.start({"StartAt": "W", "States": states})
    with pytest.raises(RuntimeError, match="a bug of the port"):
        bench.runner.wait(execution, SECONDS)
    assert "a bug of the port" in (execution.cause or "")
    assert "a bug of the port" in capfd.readouterr().err
    bench.runner.close()


ASK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}


def test_a_token_that_nobody_can_send_back_is_not_waited_for(stepped: Bench) -> None:
    execution = stepped.start({"StartAt": "T", "States": {"T": ASK}})
    with ThreadPoolExecutor() as pool:
        assert pool.submit(stepped.runner.wait, execution, 3600).result(SECONDS) is False
    assert stepped.runner.standstill(execution) == (
        "it waits for the task token of T, and nothing is left that can return it"
    )


def test_what_can_go_on_is_at_no_standstill(stepped: Bench) -> None:
    execution = stepped.start(wait(10))
    assert stepped.runner.standstill(execution) == ""
    assert stepped.runner.wait(execution, SECONDS)
    assert stepped.runner.standstill(execution) == ""


def test_who_waits_for_an_execution_is_not_outside_and_others_are() -> None:
    bench = Bench(ClockMode.VIRTUAL)
    state = {**ASK, "HeartbeatSeconds": 3600}
    execution = bench.start({"StartAt": "T", "States": {"T": state}})
    (task,) = bench.outside.after(0, SECONDS)
    assert (task.state, task.left_s, execution.running) == ("T", 3600, True)
    assert bench.runner.wait(execution, SECONDS)
    assert execution.error == "States.Timeout"
    bench.runner.close()


def test_closing_releases_who_waits() -> None:
    bench = Bench(ClockMode.VIRTUAL)
    execution = bench.start({"StartAt": "T", "States": {"T": ASK}})
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(bench.runner.wait, execution, 60)
        poll(lambda: bench.passed, bool, what="the task's call", timeout_s=SECONDS)
        bench.runner.close()
        assert waiting.result(5) is False


def test_a_moment_without_end_is_left_when_the_time_is_over() -> None:
    endless = 10**9
    bench = Bench(ClockMode.STEPPED, Limits(history_events=endless, stall_steps=endless))
    execution = bench.start(LIVELOCK)
    assert bench.runner.wait(execution, 0.2) is False
    with bench.simulation.scheduler.frozen():  # whoever looks now does not wait for its end
        assert execution.running
    bench.simulation.stop(execution)
    bench.runner.close()

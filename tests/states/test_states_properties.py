"""Whatever a machine is made of, its runs repeat, time goes forwards, and its history is well-formed."""

import json
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from states_support import FUNCTION, IDENTITY, machine_of

from harness.states import Simulation, Status, TaskFailed, TaskSucceeded, Work, parse

RETRY = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 2, "JitterStrategy": "FULL"}]


class Names:
    """State names are unique in a whole machine."""

    def __init__(self):
        self.count = 0

    def new(self, kind):
        self.count += 1
        return f"{kind}{self.count}"


def simple_states():
    return st.one_of(
        st.just({"Type": "Pass"}),
        st.integers(0, 5).map(lambda seconds: {"Type": "Wait", "Seconds": seconds}),
        st.sampled_from([{}, {"Retry": RETRY}, {"TimeoutSeconds": 2}]).map(
            lambda extra: {"Type": "Task", "Resource": FUNCTION, "ResultPath": None, **extra}
        ),
    )


def containers(inner):
    chains = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.lists(chains, min_size=1, max_size=3), st.booleans()).map(
            lambda drawn: {"Type": "Parallel", "Branches": drawn[0], "caught": drawn[1], "ResultPath": None}
        ),
        st.tuples(chains, st.integers(0, 3), st.integers(0, 4), st.booleans()).map(
            lambda drawn: {
                "Type": "Map",
                "ItemProcessor": drawn[0],
                "MaxConcurrency": drawn[1],
                "ItemsPath": f"$.lists[{drawn[2]}]",
                "caught": drawn[3],
                "ResultPath": None,
                "ItemSelector": {"lists.$": "$.lists"},
            }
        ),
    )


CHAINS = st.lists(st.recursive(simple_states(), containers, max_leaves=8), min_size=1, max_size=4)


def named(chain, names):
    """A workflow of drawn states, with names and ends."""
    states = []
    for drawn in chain:
        state = dict(drawn)
        if "Branches" in state:
            state["Branches"] = [json.loads(named(branch, names)) for branch in state["Branches"]]
        if "ItemProcessor" in state:
            state["ItemProcessor"] = json.loads(named(state["ItemProcessor"], names))
        caught = state.pop("caught", False)
        states.append((names.new(state["Type"]), state))
        if caught:
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "", "ResultPath": None}]
    states.append((names.new("End"), {"Type": "Pass"}))
    for _, state in states:
        for catcher in state.get("Catch", ()):
            catcher["Next"] = states[-1][0]
    return machine_of(*states)


class Tasks:
    """Tasks that take different times, of which some fail; with threads, the real work is of any length."""

    def __init__(self, seed, pool=None):
        self._random = random.Random(seed)
        self._pool = pool

    def start(self, request):
        duration = self._random.choice([0.0, 0.1, 1.0, 3.0])
        failed = self._random.random() < 0.2
        outcome = TaskFailed("Flaky", "it failed", duration) if failed else TaskSucceeded({}, duration)
        if self._pool is None:
            return Work.done(outcome, 0.0)
        pause = random.random() / 2000  # not seeded: what the outcome is must not depend on it
        return Work(self._pool.submit(lambda: (time.sleep(pause), outcome)[1]), 0.0)


def history(definition, seed, pool=None):
    simulation = Simulation(Tasks(seed, pool), seed=seed)
    payload = json.dumps({"lists": [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]})
    execution = simulation.start(parse(definition), IDENTITY, payload, name="x")
    simulation.scheduler.run()
    assert execution.status in (Status.SUCCEEDED, Status.FAILED)
    return [event.to_api() for event in execution.history.events]


@settings(max_examples=60, deadline=None)
@given(CHAINS, st.integers(0, 1000))
def test_histories_are_well_formed(chain, seed):
    events = history(named(chain, Names()), seed)

    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(0 <= event["previousEventId"] < event["id"] for event in events)
    assert [event["type"] for event in events].count("ExecutionStarted") == 1
    assert events[-1]["type"] in ("ExecutionSucceeded", "ExecutionFailed")
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)


@settings(max_examples=60, deadline=None)
@given(CHAINS, st.integers(0, 1000))
def test_states_that_are_entered_are_left_or_aborted(chain, seed):
    events = history(named(chain, Names()), seed)

    entered = [event for event in events if event["type"].endswith("StateEntered")]
    left = [event for event in events if event["type"].endswith(("StateExited", "StateAborted"))]
    failed = [event for event in events if event["type"].endswith(("Failed", "TimedOut"))]
    # A state whose failure nothing catches is the only one that is entered and never left.
    assert len(left) <= len(entered) <= len(left) + len(failed)
    by_id = {event["id"]: event for event in events}
    for event in left:
        if event["type"].endswith("Exited"):
            name = event["stateExitedEventDetails"]["name"]
            while event.get("stateEnteredEventDetails", {}).get("name") != name:
                assert event["previousEventId"], f"{name} is left but its entry does not lead there"
                event = by_id[event["previousEventId"]]  # noqa: PLW2901
    started = [event for event in events if event["type"] == "MapIterationStarted"]
    ended = [event for event in events if event["type"].startswith("MapIteration") and event not in started]
    assert len(started) == len(ended)


@settings(max_examples=40, deadline=None)
@given(CHAINS, st.integers(0, 1000))
def test_the_same_machine_has_the_same_history_on_every_run(chain, seed):
    definition = named(chain, Names())

    assert history(definition, seed) == history(definition, seed)


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


@settings(max_examples=25, deadline=None)
@given(CHAINS, st.integers(0, 1000))
def test_the_speed_of_the_real_work_decides_nothing(pool, chain, seed):
    definition = named(chain, Names())

    assert history(definition, seed, pool) == history(definition, seed)


def test_what_tasks_do_to_the_world_happens_at_their_own_time():
    """Two functions start executions while they run, in the opposite order of real time."""

    class Functions:
        def start(self, request):
            future = Future()
            work = Work(future)

            def body():
                if request.state_name == "Slow":
                    started.wait(5)
                with simulation.scheduler.frozen(work):
                    seen.append((request.state_name, simulation.clock.now() - begin))
                    simulation.start(child, IDENTITY, name=f"{request.state_name}-1")
                started.set()
                simulation.scheduler.rest(work, 5)
                with simulation.scheduler.frozen(work):
                    seen.append((request.state_name, simulation.clock.now() - begin))
                future.set_result(TaskSucceeded({}))

            threading.Thread(target=body, daemon=True).start()
            return work

    started = threading.Event()
    seen = []
    child = parse(machine_of(("W", {"Type": "Wait", "Seconds": 3})))
    branches = [
        json.loads(machine_of((name, {"Type": "Task", "Resource": FUNCTION}))) for name in ("Fast", "Slow")
    ]
    simulation = Simulation(Functions())
    begin = simulation.clock.now()
    simulation.start(parse(machine_of(("P", {"Type": "Parallel", "Branches": branches}))), IDENTITY, name="x")
    simulation.scheduler.run()

    assert [(name, round(moment, 3)) for name, moment in seen] == [
        ("Fast", 0.1),
        ("Slow", 0.1),
        ("Fast", 5.0),
        ("Slow", 5.0),
    ]
    assert [execution.name for execution in simulation.executions] == ["x", "Fast-1", "Slow-1"]
    assert [round((e.ended_at or 0) - begin, 3) for e in simulation.executions] == [5.0, 3.1, 3.1]

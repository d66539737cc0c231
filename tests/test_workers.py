"""Workers: tasks go to whoever is free, results come back in order, and a killed process is replaced."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from doubling import SECRET, Doubling, Dying, Large, Refusing

from harness.hidden import SHOWN, without_secrets
from harness.scenario.position import ScenarioError
from harness.workers import WorkerDied, Workers


def lost(task: int, how: str) -> tuple[int, int]:
    assert how.endswith("ended with signal 9 (SIGKILL)")
    return -task, 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the pipes at which 1 and 2, and 3 and 4, meet."""
    os.mkfifo(tmp_path / "2")
    os.mkfifo(tmp_path / "4")
    return tmp_path


@pytest.mark.parametrize("forked", [False, True])
def test_results_are_in_the_order_of_the_tasks(folder: Path, forked: bool) -> None:
    began: list[int] = []
    heard: list[tuple[int, str]] = []
    with Workers(Doubling(folder), 2, lost, forked=forked) as workers:
        pids = workers.ready()
        results = workers.results(
            [2, 1, 3, 5, 4], began.append, lambda task, text: heard.append((task, text))
        )
        found = list(results)
    assert [doubled for doubled, _ in found] == [4, 2, 6, 10, 8]
    assert {pid for _, pid in found} <= set(pids)
    assert os.getpid() not in pids
    assert began == [2, 1, 3, 5, 4]
    assert sorted(heard) == sorted((task, f"doubling {task}") for task in began)
    assert without_secrets(SECRET) == SHOWN
    assert {path.name for path in folder.glob("stopped-*")} == {f"stopped-{pid}" for pid in pids}


def test_an_error_comes_at_its_place_with_its_trace(folder: Path) -> None:
    with Workers(Doubling(folder), 2, lost) as workers:
        results = workers.results([1, 13, 2, 5])
        assert next(results)[0] == 2
        with pytest.raises(ScenarioError, match="13 is odd") as raised:
            next(results)
    assert [str(problem) for problem in raised.value.problems] == ["a.yaml:1:1: 13 is odd"]
    assert "in play" in str(raised.value.__cause__)


def test_a_process_that_is_killed_loses_one_task(folder: Path) -> None:
    with Workers(Doubling(folder), 1, lost) as workers:
        first, second, third = workers.results([5, 0, 7])
    assert (first[0], second[0], third[0]) == (10, 0, 14)
    assert first[1] != third[1]


@pytest.mark.parametrize(("player", "error"), [(Refusing, LookupError), (Dying, WorkerDied)])
def test_one_that_does_not_start_is_told(
    folder: Path, player: type[Doubling], error: type[Exception]
) -> None:
    with Workers(player(folder), 2, lost) as workers, pytest.raises(error):
        workers.ready()


def test_a_process_with_threads_is_not_copied(folder: Path) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with Workers(Doubling(folder), 1, lost, forked=True) as workers:
            (pid,) = workers.ready()
            assert b"multiprocessing.spawn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    finally:
        ended.set()
        thread.join()


def test_results_that_nobody_wants_any_more_keep_nothing_waiting(folder: Path) -> None:
    with Workers(Large(folder), 2, lost) as workers:
        pids = workers.ready()
        assert next(workers.results([5, 7, 9]))[0] == 10
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
